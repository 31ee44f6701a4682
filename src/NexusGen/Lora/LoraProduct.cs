using static TorchSharp.torch;

namespace NexusGen.Lora;

/// <summary>A low-rank product to be written: scale · up · down changes some rows of a layer's weight.</summary>
/// <param name="Path">The path of the layer.</param>
/// <param name="Start">The first row.</param>
/// <param name="Down">[rank, in].</param>
/// <param name="Up">[rows, rank].</param>
/// <param name="Scale">The scale.</param>
internal sealed record LoraProduct(string Path, long Start, Tensor Down, Tensor Up, double Scale)
{
    /// <summary>Gets the rank.</summary>
    public long Rank => Down.shape[0];
}
