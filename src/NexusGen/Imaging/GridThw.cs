namespace NexusGen.Imaging;

/// <summary>
/// The patch grid of an image as the vision encoder and the rotary position embedding use it (<c>image_grid_thw</c> of Qwen2-VL).
/// T is 1 for a still image.
/// </summary>
/// <param name="T">The number of patches along the time axis.</param>
/// <param name="H">The number of rows of patches.</param>
/// <param name="W">The number of columns of patches.</param>
public readonly record struct GridThw(long T, long H, long W)
{
    /// <summary>Gets the number of patches, T · H · W, which is the number of rows of <c>pixel_values</c>.</summary>
    public long Patches => T * H * W;

    /// <summary>Returns the number of embeddings after the patch merger: one for each merge × merge patches.</summary>
    /// <param name="merge">The side of the merger in patches, 2 in every published model.</param>
    public long Tokens(int merge = 2) => Patches / (merge * merge);

    /// <summary>Returns the grid as "[t, h, w]".</summary>
    public override string ToString() => $"[{T}, {H}, {W}]";
}
