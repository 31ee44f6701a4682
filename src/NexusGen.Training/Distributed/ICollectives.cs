using static TorchSharp.torch;

namespace NexusGen.Training.Distributed;

/// <summary>
/// The operations that the processes of a training (its ranks) take part in together. Every rank calls the same operations in
/// the same order with tensors of the same type and size; each call waits for the other ranks. One thread calls at a time.
/// </summary>
/// <remarks>
/// Tensors are contiguous and in the memory that the implementation exchanges: the host's for MPI. An implementation on NCCL
/// would take tensors of CUDA devices; those who call leave the choice of the buffers' device to <see cref="Device"/>.
/// </remarks>
internal interface ICollectives : IDisposable
{
    /// <summary>Gets the number of this process, from 0.</summary>
    int Rank { get; }

    /// <summary>Gets the number of processes.</summary>
    int Size { get; }

    /// <summary>Gets the device whose tensors are exchanged.</summary>
    Device Device { get; }

    /// <summary>Replaces the values by their sums over all ranks. All ranks get the same bits.</summary>
    /// <param name="values">float32, float64 or int64.</param>
    void AllReduce(Tensor values);

    /// <summary>Replaces the values by those of one rank.</summary>
    /// <param name="values">Values of any type.</param>
    /// <param name="root">The rank whose values all ranks get.</param>
    void Broadcast(Tensor values, int root);

    /// <summary>Collects the values of all ranks.</summary>
    /// <param name="own">The values of this rank, of any type.</param>
    /// <param name="all">Receives the values of all ranks, in the order of the ranks.</param>
    void AllGather(Tensor own, Tensor all);

    /// <summary>
    /// Adds the values of all ranks and gives each rank one of as many equal parts of the sums as there are ranks.
    /// </summary>
    /// <param name="all">The values of this rank, float32 or float64. They may be overwritten.</param>
    /// <param name="own">Receives this rank's part of the sums.</param>
    void ReduceScatter(Tensor all, Tensor own);

    /// <summary>Sends values to one rank, which receives them; other ranks take no part.</summary>
    /// <param name="values">Values of any type.</param>
    /// <param name="to">The receiving rank.</param>
    void Send(Tensor values, int to);

    /// <summary>Receives values that one rank sends.</summary>
    /// <param name="values">Receives the values.</param>
    /// <param name="from">The sending rank.</param>
    void Receive(Tensor values, int from);

    /// <summary>Waits until all ranks have called this.</summary>
    void Barrier();
}
