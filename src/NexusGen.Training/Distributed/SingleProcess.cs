using static TorchSharp.torch;

namespace NexusGen.Training.Distributed;

/// <summary>The collectives of a training in one process: nothing is exchanged.</summary>
internal sealed class SingleProcess : ICollectives
{
    /// <summary>Gets the only instance.</summary>
    public static SingleProcess Instance { get; } = new();

    /// <inheritdoc/>
    public int Rank => 0;

    /// <inheritdoc/>
    public int Size => 1;

    /// <inheritdoc/>
    public Device Device => CPU;

    /// <inheritdoc/>
    public void AllReduce(Tensor values)
    {
    }

    /// <inheritdoc/>
    public void Broadcast(Tensor values, int root)
    {
    }

    /// <inheritdoc/>
    public void AllGather(Tensor own, Tensor all) => all.copy_(own);

    /// <inheritdoc/>
    public void ReduceScatter(Tensor all, Tensor own) => own.copy_(all);

    /// <inheritdoc/>
    public void Send(Tensor values, int to) => throw new InvalidOperationException("There is no other rank.");

    /// <inheritdoc/>
    public void Receive(Tensor values, int from) => throw new InvalidOperationException("There is no other rank.");

    /// <inheritdoc/>
    public void Barrier()
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
