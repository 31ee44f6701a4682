using static TorchSharp.torch;

namespace NexusGen.Imaging;

/// <summary>Images in the input format of the vision encoder. Disposing it disposes the tensor.</summary>
/// <param name="PixelValues">float32 [sum of patches, 3 · frames · side²] on the CPU: <c>pixel_values</c>.</param>
/// <param name="Grids">The grid of each image: <c>image_grid_thw</c>.</param>
internal sealed record ProcessedImages(Tensor PixelValues, IReadOnlyList<GridThw> Grids) : IDisposable
{
    /// <summary>Creates the grids as an int64 tensor [images, 3] on the CPU.</summary>
    public Tensor GridTensor() => tensor(Grids.SelectMany(grid => new[] { grid.T, grid.H, grid.W }).ToArray(), Grids.Count, 3);

    /// <inheritdoc/>
    public void Dispose() => PixelValues.Dispose();
}
