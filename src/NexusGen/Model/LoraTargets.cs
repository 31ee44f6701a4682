using NexusGen.Autoregressive;
using NexusGen.Lora;
using NexusGen.Weights;
using NexusGen.Weights.Modules;

namespace NexusGen.Model;

/// <summary>The parts of a model that LoRA files can change. Thread-safe.</summary>
/// <param name="files">The model's files.</param>
internal sealed class LoraTargets(ModelFiles files)
{
    private readonly Lazy<LoraTarget> _language = new(() => LanguageOf(files));
    private readonly Lazy<LoraTarget> _generation = new(() => FluxOf(files, files.Paths.GenerationDecoder));
    private readonly Lazy<LoraTarget> _editing = new(() => FluxOf(files, files.Paths.EditingDecoder));

    /// <summary>Gets the language model and the vision encoder; the paths of the latter begin with <c>visual.</c>.</summary>
    public LoraTarget Language => _language.Value;

    /// <summary>Gets the transformer of the generation decoder.</summary>
    public LoraTarget GenerationDecoder => _generation.Value;

    /// <summary>Gets the transformer of the editing decoder.</summary>
    public LoraTarget EditingDecoder => _editing.Value;

    /// <summary>Returns the path of a layer within the language model, or null if it is one of the vision encoder.</summary>
    public static string? InLanguageModel(string path) => InVisionEncoder(path) is null ? path : null;

    /// <summary>Returns the path of a layer within the vision encoder, or null if it is one of the language model.</summary>
    public static string? InVisionEncoder(string path) =>
        path.StartsWith(LanguageModelNames.Vision, StringComparison.Ordinal) ? path[LanguageModelNames.Vision.Length..] : null;

    private static LoraTarget FluxOf(ModelFiles files, string path)
    {
        ModelPart<Diffusion.Flux.FluxTransformer> part = files.FluxPart(path);
        Dictionary<string, LoraLayer> layers = LayersOf(part);
        var names = new FluxLoraNames(layers);
        Lazy<IWeightProvider> weights = new(() => part.Checkpoint().Weights(map: false));
        return new LoraTarget("decoders (FLUX)", layers, names.Find, (_, name) => (weights.Value, name));
    }

    private static LoraTarget LanguageOf(ModelFiles files)
    {
        Dictionary<string, LoraLayer> layers = LayersOf(files.LanguageModelPart);
        foreach ((string path, LoraLayer layer) in LayersOf(files.VisionPart))
        {
            layers.Add(LanguageModelNames.Vision + path, layer);
        }

        Lazy<IWeightProvider> language = new(() => files.LanguageModelPart.Checkpoint().Weights(map: false));
        Lazy<IWeightProvider> vision = new(() => files.VisionPart.Checkpoint().Weights(map: false));
        return new LoraTarget(
            "language model",
            layers,
            module => LanguageLoraNames.Find(layers, module),
            (path, name) => InVisionEncoder(path) is null
                ? (language.Value, name)
                : (vision.Value, name[LanguageModelNames.Vision.Length..]))
        {
            NeedsConfiguration = true,
        };
    }

    private static Dictionary<string, LoraLayer> LayersOf<T>(ModelPart<T> part)
        where T : Module
    {
        using T shapes = part.Build(new WeightSource(ShapeOnlyWeights.Unrecorded, LoadOptions.Reference).ShapesOnly());
        return shapes.Descendants.OfType<Linear>().ToDictionary(
            layer => layer.Path,
            layer => new LoraLayer(layer.InFeatures, layer.OutFeatures, layer.HasBias));
    }
}
