namespace NexusGen.Weights;

/// <summary>Where the parts of a packed matrix are stored; see <see cref="PackedWeight"/>.</summary>
/// <param name="Store">The files.</param>
/// <param name="Numbers">The blocks as bytes, or the signed bytes.</param>
/// <param name="Scales">The scales of signed bytes, one or one for each row; null if there are blocks.</param>
/// <param name="Blocks">The format of the blocks, or null for signed bytes.</param>
internal sealed record PackedEntry(ITensorStore Store, TensorEntry Numbers, TensorEntry? Scales, BlockFormat? Blocks);
