using static TorchSharp.torch;

namespace NexusGen.Weights;

/// <summary>A matrix in a form that takes fewer bytes than its values. It owns its tensors.</summary>
/// <param name="Numbers">
/// The bytes of the blocks, [out, bytes of a row], uint8; or, without blocks, signed bytes, [out, in], int8.
/// </param>
/// <param name="Scales">The scale of each row, [out], float32, if there are no blocks; otherwise, null.</param>
/// <param name="Blocks">The format of the blocks, or null for signed bytes with a scale for each row.</param>
internal sealed record PackedWeight(Tensor Numbers, Tensor? Scales, BlockFormat? Blocks);
