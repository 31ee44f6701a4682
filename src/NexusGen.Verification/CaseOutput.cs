using System.Text.Json.Nodes;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Verification;

/// <summary>What was computed for a case, under the names that its expectations have.</summary>
public sealed class CaseOutput : IDisposable
{
    /// <summary>Tensors, owned by this object.</summary>
    public Dictionary<string, Tensor> Tensors { get; } = [];

    /// <summary>Pictures.</summary>
    public Dictionary<string, RgbImage> Pictures { get; } = [];

    /// <summary>Plain values.</summary>
    public JsonObject Values { get; } = [];

    /// <summary>Adds a tensor and takes it out of the current dispose scope.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="tensor">The tensor.</param>
    public CaseOutput Add(string name, Tensor tensor)
    {
        Tensors[name] = tensor.DetachFromDisposeScope();
        return this;
    }

    /// <summary>Adds a picture.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="picture">The picture.</param>
    public CaseOutput Add(string name, RgbImage picture)
    {
        Pictures[name] = picture;
        return this;
    }

    /// <summary>Adds a plain value.</summary>
    /// <param name="name">Its name.</param>
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
