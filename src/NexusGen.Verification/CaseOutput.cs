using System.Text.Json.Nodes;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>The results that were computed for a case, under the names of the expected results.</summary>
public sealed class CaseOutput : IDisposable
{
    /// <summary>Gets the tensors, owned by this object.</summary>
    public Dictionary<string, Tensor> Tensors { get; } = [];

    /// <summary>Gets the images.</summary>
    public Dictionary<string, RgbImage> Images { get; } = [];

    /// <summary>Gets the plain values.</summary>
    public JsonObject Values { get; } = [];

    /// <summary>Gets the message with which the input was refused, or null if there are results.</summary>
    internal string? Refusal { get; init; }

    /// <summary>Adds a tensor and detaches it from the current dispose scope.</summary>
    /// <param name="name">The name.</param>
    /// <param name="tensor">The tensor.</param>
    public CaseOutput Add(string name, Tensor tensor)
    {
        Tensors[name] = tensor.DetachFromDisposeScope();
        return this;
    }

    /// <summary>Adds an image.</summary>
    /// <param name="name">The name.</param>
    /// <param name="picture">The image.</param>
    public CaseOutput Add(string name, RgbImage picture)
    {
        Images[name] = picture;
        return this;
    }

    /// <summary>Adds a plain value.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    public CaseOutput Add(string name, JsonNode? value)
    {
        Values[name] = value;
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (Tensor tensor in Tensors.Values)
        {
            tensor.Dispose();
        }
    }
}
