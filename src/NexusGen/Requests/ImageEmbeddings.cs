using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Requests;

/// <summary>
/// A picture in the space that the model reads and writes: one vector for each 28×28 pixels. Held in managed memory, so it
/// needs no disposal.
/// </summary>
public sealed class ImageEmbeddings
{
    private readonly float[] _values;

    /// <summary>Embeddings from their values.</summary>
    /// <param name="values">tokens × width numbers, token by token.</param>
    /// <param name="width">Width of one vector.</param>
    /// <param name="grid">The picture's grid in patches; its tokens are as many as the vectors.</param>
    /// <exception cref="ArgumentException">The number of values fits neither.</exception>
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

    /// <summary>How many vectors there are.</summary>
    public int Count => _values.Length / Width;

    /// <summary>Width of one vector.</summary>
    public int Width { get; }

    /// <summary>The picture's grid in patches of 14×14 pixels.</summary>
    public GridThw Grid { get; }

    /// <summary>The values, vector by vector.</summary>
    public ReadOnlyMemory<float> Values => _values;

    /// <summary>The embeddings of a tensor.</summary>
    /// <param name="tensor">[tokens, width] or [1, tokens, width], any floating type, any device.</param>
    /// <param name="grid">The picture's grid in patches.</param>
    public static ImageEmbeddings From(Tensor tensor, GridThw grid)
    {
        using Tensor values = tensor.to(ScalarType.Float32, CPU).contiguous();
        return new ImageEmbeddings(values.data<float>().ToArray(), (int)tensor.shape[^1], grid);
    }

    /// <summary>A new tensor of the embeddings.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="device">Its device.</param>
    /// <returns>[1, tokens, width].</returns>
    public Tensor ToTensor(ScalarType type, Device device) =>
        tensor(_values, [1, Count, Width], dtype: ScalarType.Float32).to(type, device);
}
