using System.Text.RegularExpressions;
using NexusGen.Autoregressive;
using NexusGen.Diffusion.Flux;
using NexusGen.Lora;
using NexusGen.Training.Core;

namespace NexusGen.Training.Lora;

/// <summary>The linear layers of a component of which a LoRA can be trained, under their official names.</summary>
internal sealed class LoraLayers
{
    /// <summary>Stands for all linear layers of the transformer blocks, as in PEFT.</summary>
    public const string AllLinear = "all-linear";

    private const string WeightEnding = ".weight";

    // What DiffSynth-Studio trains of FLUX if nothing else is given.
    private static readonly string[] FluxDefaults =
    [
        "a_to_qkv", "b_to_qkv", "ff_a.0", "ff_a.2", "ff_b.0", "ff_b.2", "a_to_out", "b_to_out", "proj_out", "norm.linear",
        "norm1_a.linear", "norm1_b.linear", "to_qkv_mlp",
    ];

    private static readonly string[] LanguageDefaults = [AllLinear];

    private readonly IReadOnlyList<(string Path, string Official, LoraLayer Layer)> _layers;
    private readonly string[] _defaults;
    private readonly string[] _blocks;

    private LoraLayers(
        IReadOnlyList<(string Path, string Official, LoraLayer Layer)> layers, string[] defaults, string[] blocks) =>
        (_layers, _defaults, _blocks) = (layers, defaults, blocks);

    /// <summary>Returns the layers of the language model, without those of the vision encoder.</summary>
    /// <param name="target">The language model and the vision encoder.</param>
    public static LoraLayers OfLanguageModel(LoraTarget target) => new(
        [
            .. target.Layers.Where(layer => !IsVision(layer.Key)).Select(layer => (layer.Key, layer.Key, layer.Value)),
        ],
        LanguageDefaults,
        ["model.layers."]);

    /// <summary>Returns the layers of a decoder's transformer.</summary>
    /// <param name="target">The transformer.</param>
    public static LoraLayers OfFlux(LoraTarget target) => new(
        [.. target.Layers.Select(layer => (layer.Key, OfficialFlux(layer.Key), layer.Value))],
        FluxDefaults,
        ["double_blocks.", "single_blocks."]);

    /// <summary>Whether the component has a layer.</summary>
    /// <param name="path">The path of the layer in the model.</param>
    public bool Has(string path) => _layers.Any(layer => layer.Path == path);

    /// <summary>Finds the layers that patterns name.</summary>
    /// <param name="patterns">The patterns (see <see cref="Configuration.LoraSection.Targets"/>); empty for the defaults.</param>
    /// <returns>The layers, in the order of the model.</returns>
    /// <exception cref="TrainingException">A pattern names no layer.</exception>
    public IReadOnlyList<(string Path, LoraLayer Layer)> Find(IReadOnlyList<string> patterns)
    {
        Func<(string Path, string Official, LoraLayer Layer), bool>[] rules =
            [.. (patterns.Count > 0 ? patterns : _defaults).Select(Rule)];
        if (patterns.Index().FirstOrDefault(pattern => !_layers.Any(rules[pattern.Index])) is { Item: { } unknown })
        {
            string[] ends = [.. _layers.Select(layer => layer.Official.Split('.')[^1]).Distinct().Order()];
            throw new TrainingException(
                $"lora.targets: no linear layer of the component is named {unknown}; names end in {string.Join(", ", ends)}, for "
                + $"instance {_layers[_layers.Count / 2].Official}.");
        }

        return [.. _layers.Where(layer => rules.Any(rule => rule(layer))).Select(layer => (layer.Path, layer.Layer))];
    }

    private static bool IsVision(string path) => path.StartsWith(LanguageModelNames.Vision, StringComparison.Ordinal);

    private static string OfficialFlux(string path) =>
        FluxNames.DiffSynth.ToFile(path + WeightEnding) is ({ } name, _) ? name[..^WeightEnding.Length] : path;

    private Func<(string Path, string Official, LoraLayer Layer), bool> Rule(string pattern)
    {
        if (pattern == AllLinear)
        {
            return layer => _blocks.Any(block => layer.Path.StartsWith(block, StringComparison.Ordinal));
        }

        if (!pattern.Contains('*'))
        {
            return layer => Ends(layer.Official, pattern) || Ends(layer.Path, pattern);
        }

        var whole = new Regex(
            $"^{string.Join(".*", pattern.Split('*').Select(Regex.Escape))}$",
            RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        return layer => whole.IsMatch(layer.Official) || whole.IsMatch(layer.Path);
    }

    private static bool Ends(string name, string end) =>
        name == end || name.EndsWith("." + end, StringComparison.Ordinal);
}
