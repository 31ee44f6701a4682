using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Weights.Modules;

/// <summary>
/// The changes of the linear layers of one model that a request asks for: those of all its adapters, with their strengths. It
/// does not own them.
/// </summary>
internal sealed class LinearDeltas
{
    private readonly Dictionary<string, List<(LinearDelta Delta, double Strength)>> _layers = new(StringComparer.Ordinal);

    /// <summary>Gets whether nothing changes.</summary>
    public bool IsEmpty => _layers.Count == 0;

    /// <summary>Gets the layers that change.</summary>
    public IEnumerable<string> Layers => _layers.Keys;

    /// <summary>Adds a change. At strength 0 nothing is added, so that a request is computed as without it.</summary>
    /// <param name="path">The path of the layer in the model.</param>
    /// <param name="delta">The change, which has to live as long as this object is used.</param>
    /// <param name="strength">The factor of the change.</param>
    public void Add(string path, LinearDelta delta, double strength)
    {
        if (strength == 0)
        {
            return;
        }

        if (!_layers.TryGetValue(path, out var list))
        {
            _layers[path] = list = [];
        }

        list.Add((delta, strength));
    }

    /// <summary>Gets the changes of a layer, in the order in which they were added.</summary>
    /// <param name="path">The path of the layer in the model.</param>
    public IReadOnlyList<(LinearDelta Delta, double Strength)> Of(string path) =>
        _layers.TryGetValue(path, out var list) ? list : [];

    /// <summary>Adds the changes of a layer to its output, in place.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">[…, in].</param>
    /// <param name="output">[…, out], what the layer computed without changes.</param>
    /// <exception cref="ArgumentException">A change has another shape than the layer.</exception>
    public void Apply(Linear layer, Tensor input, Tensor output)
    {
        foreach ((LinearDelta delta, double strength) in Of(layer.Path))
        {
            if (delta.Start + delta.Count > layer.OutFeatures)
            {
                throw new ArgumentException(
                    $"A change of the outputs {delta.Start} to {delta.Start + delta.Count} does not fit {layer.Path}, which has "
                    + $"{layer.OutFeatures}.");
            }

            using var scope = NewDisposeScope();
            output.narrow(-1, delta.Start, delta.Count)
                .AddInPlace(delta.Apply(input, changed => layer.Weight.Multiply(changed, null), strength));
        }
    }
}
