namespace NexusGen.Imaging;

/// <summary>
/// The grid of patches of one picture, as the vision encoder and the rotary positions count it
/// (<c>image_grid_thw</c> of Qwen2-VL). A still picture has T = 1.
/// </summary>
/// <param name="T">Patches in time.</param>
/// <param name="H">Rows of patches.</param>
/// <param name="W">Columns of patches.</param>
public readonly record struct GridThw(long T, long H, long W)
{
    /// <summary>All patches: T · H · W, the rows of <c>pixel_values</c>.</summary>
    public long Patches => T * H * W;

    /// <summary>The embeddings that the patch merger leaves: one for each merge × merge patches.</summary>
    /// <param name="merge">The merger's side in patches; 2 in every published model.</param>
    public long Tokens(int merge = 2) => Patches / (merge * merge);

    /// <summary>The grid as "[t, h, w]".</summary>
    public override string ToString() => $"[{T}, {H}, {W}]";
}
