using NexusGen.Weights.Files.Safetensors;
using static TorchSharp.torch;

namespace NexusGen.Training.Checkpoints;

/// <summary>A tensor to write that the ranks may have in pieces.</summary>
/// <param name="Described">Its description, and its value if every rank has it.</param>
/// <param name="Collect">
/// Assembles the value on a rank and returns it there, and null on the others; all ranks call it. Null if every rank has the
/// value.
/// </param>
internal sealed record AssembledTensor(TensorToWrite Described, Func<int, Tensor?>? Collect)
{
    /// <summary>Converts the assembled value to the one in the file, and disposes it if they differ.</summary>
    public Func<Tensor, Tensor> Finish { get; init; } = value => value;
}
