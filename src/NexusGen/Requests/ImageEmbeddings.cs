using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Requests;

/// <summary>
/// An image in the embedding space that the model reads and predicts: one vector for each 28×28 pixels. The values are in managed
/// memory, so there is nothing to dispose.
/// </summary>
public sealed class ImageEmbeddings
{
    private readonly float[] _values;

    /// <summary>Initializes the embeddings from their values.</summary>
    /// <param name="values">The tokens × width values, token by token.</param>
    /// <param name="width">The width of a vector.</param>
    /// <param name="grid">
    /// The grid of the image in patches. Whether its number of tokens is that of the vectors is not checked.
    /// </param>
    /// <exception cref="ArgumentException">The number of values is not a multiple of the width.</exception>
    public ImageEmbeddings(float[] values, int width, GridThw grid)
    {
        if (width <= 0 || values.Length % width != 0)
        {
            throw new ArgumentException($"{values.Length} values are not vectors of width {width}.", nameof(values));
        }

        _values = values;
        Width = width;
        Grid = grid;
    }

    /// <summary>Gets the number of vectors.</summary>
    public int Count => _values.Length / Width;

    /// <summary>Gets the width of a vector.</summary>
    public int Width { get; }

    /// <summary>Gets the grid of the image in patches of 14×14 pixels.</summary>
    public GridThw Grid { get; }

    /// <summary>Gets the values, vector by vector.</summary>
    public ReadOnlyMemory<float> Values => _values;

    /// <summary>Copies the embeddings from a tensor.</summary>
    /// <param name="tensor">The tensor, [tokens, width] or [1, tokens, width], of any floating-point type, on any device.</param>
    /// <param name="grid">The grid of the image in patches.</param>
    public static ImageEmbeddings From(Tensor tensor, GridThw grid)
    {
        using Tensor values = tensor.to(ScalarType.Float32, CPU).contiguous();
        return new ImageEmbeddings(values.data<float>().ToArray(), (int)tensor.shape[^1], grid);
    }

    /// <summary>Copies the embeddings to a new tensor.</summary>
    /// <param name="type">The element type of the tensor.</param>
    /// <param name="device">The device of the tensor.</param>
    /// <returns>The tensor, [1, tokens, width].</returns>
    public Tensor ToTensor(ScalarType type, Device device) =>
        tensor(_values, [1, Count, Width], dtype: ScalarType.Float32).to(type, device);
}
