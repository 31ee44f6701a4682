using NexusGen.Imaging;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Decoders;

/// <summary>The position ids of the context tokens of FLUX.</summary>
internal static class TextIds
{
    // The patches of FLUX are 2×2 latents.
    private const int FluxPatch = 2;

    /// <summary>Creates ids without positions.</summary>
    /// <param name="tokens">The number of tokens.</param>
    /// <param name="device">The device.</param>
    /// <returns>[1, tokens, 3], zeros.</returns>
    public static Tensor Zeros(long tokens, Device device) => zeros([1, tokens, 3], dtype: ScalarType.Float32, device: device);

    /// <summary>
    /// Creates the positions of the embeddings of an image, scaled to the patches of FLUX: (axis, i·height/H, j·width/W) for a
    /// grid of H×W patches of which 2×2 make one embedding.
    /// </summary>
    /// <param name="grid">The grid in patches.</param>
    /// <param name="merge">The side of the square of patches that are merged into one embedding.</param>
    /// <param name="axis">The first id: 0 for the target, 1 for the source.</param>
    /// <param name="height">The height of the latents.</param>
    /// <param name="width">The width of the latents.</param>
    /// <param name="device">The device.</param>
    /// <returns>[1, embeddings, 3].</returns>
    public static Tensor Grid(GridThw grid, int merge, double axis, long height, long width, Device device)
    {
        using var scope = NewDisposeScope();
        long rows = grid.H / merge, columns = grid.W / merge;
        Tensor i = (Arithmetic.Range(rows, ScalarType.Float32) * Scalars.Of((double)(height * merge) / (FluxPatch * grid.H)))
            .view(1, -1, 1)
            .expand(grid.T, rows, columns);
        Tensor j = (Arithmetic.Range(columns, ScalarType.Float32) * Scalars.Of((double)(width * merge) / (FluxPatch * grid.W)))
            .view(1, 1, -1)
            .expand(grid.T, rows, columns);
        return stack([full_like(i, Scalars.Of(axis)), i, j], -1).view(1, -1, 3).to(device).MoveToOuterDisposeScope();
    }
}
