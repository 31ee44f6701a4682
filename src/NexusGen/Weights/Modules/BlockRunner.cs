using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// Runs a block of a transformer in another way than by simply calling it: gradient checkpointing runs it a second time in the
/// backward pass. Except for its parameters, all tensors that a block uses are among its inputs.
/// </summary>
/// <param name="block">The block.</param>
/// <param name="inputs">The inputs of the block.</param>
/// <returns>The outputs of the block.</returns>
internal delegate IReadOnlyList<Tensor> BlockRunner(
    Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> block,
    params Tensor[] inputs);
