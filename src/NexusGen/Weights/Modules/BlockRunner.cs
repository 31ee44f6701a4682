using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// How the blocks of a transformer are run where it isn't simply one after the other: gradient checkpointing runs them a second
/// time in the backward pass. All tensors that a block uses but its parameters are among its inputs.
/// </summary>
/// <param name="block">The block.</param>
/// <param name="inputs">Its inputs.</param>
/// <returns>Its outputs.</returns>
public delegate IReadOnlyList<Tensor> BlockRunner(Func<IReadOnlyList<Tensor>, IReadOnlyList<Tensor>> block, params Tensor[] inputs);
