using NexusGen.Weights;
using static TorchSharp.torch;

namespace NexusGen.Lora;

/// <summary>A model that LoRA files can change: its linear layers, and what files call them.</summary>
/// <param name="name">The name of the model, for messages.</param>
/// <param name="layers">The linear layers by their path.</param>
/// <param name="find">Finds what a module name means, or null if it means nothing in this model.</param>
/// <param name="weights">
/// Gets the stored weights that have a tensor of a layer, and its name there, from the path of the layer and the tensor's name.
/// </param>
internal sealed class LoraTarget(
    string name,
    IReadOnlyDictionary<string, LoraLayer> layers,
    Func<string, LoraSlot?> find,
    Func<string, string, (IWeightProvider Weights, string Name)> weights)
{
    /// <summary>Gets the name of the model.</summary>
    public string Name => name;

    /// <summary>Gets whether files for this model always have a configuration, which has their scale.</summary>
    public bool NeedsConfiguration { get; init; }

    /// <summary>Gets the linear layers by their path.</summary>
    public IReadOnlyDictionary<string, LoraLayer> Layers => layers;

    /// <summary>Gets a layer.</summary>
    /// <param name="path">The path of the layer.</param>
    public LoraLayer Layer(string path) => layers[path];

    /// <summary>Finds what a module name means, or null if it means nothing in this model.</summary>
    /// <param name="module">The name in the file.</param>
    public LoraSlot? Find(string module) => find(module);

    /// <summary>Whether a file is made for this model, as far as its names tell.</summary>
    /// <param name="file">The file.</param>
    public bool Knows(LoraFile file) => file.Modules.Any(module => find(module.Name) is not null);

    /// <summary>Reads rows of the stored weight of a layer.</summary>
    /// <param name="slot">The layer and its rows.</param>
    /// <returns>[count, in] in float32, in the current dispose scope.</returns>
    public Tensor Weight(LoraSlot slot)
    {
        LoraLayer layer = layers[slot.Path];
        return Read(slot, "weight", [layer.Out, layer.In]);
    }

    /// <summary>Reads a part of the stored bias of a layer.</summary>
    /// <param name="slot">The layer and its rows.</param>
    /// <returns>[count] in float32, in the current dispose scope.</returns>
    public Tensor Bias(LoraSlot slot) => Read(slot, "bias", [layers[slot.Path].Out]);

    private Tensor Read(LoraSlot slot, string part, long[] shape)
    {
        (IWeightProvider stored, string full) = weights(slot.Path, $"{slot.Path}.{part}");
        using Tensor all = stored.Provide(new WeightRequest(full, shape, ScalarType.Float32, CPU, Initialization.Zeros));
        return all.narrow(0, slot.Start, slot.Count).clone();
    }
}
