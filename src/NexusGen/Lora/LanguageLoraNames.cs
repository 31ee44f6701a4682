using NexusGen.Autoregressive;

namespace NexusGen.Lora;

/// <summary>What the modules of the language model and the vision encoder are called in the adapters of PEFT.</summary>
internal static class LanguageLoraNames
{
    private const string Wrapper = "base_model.model.";

    private static readonly string[] Beginnings =
    [
        "model.layers.", "model.embed_tokens", "model.norm", LanguageModelNames.Vision, "lm_head", "vision_head", "image_prefill",
    ];

    /// <summary>Whether a module name is one of these models, whatever the number of their layers.</summary>
    /// <param name="module">The name in the file.</param>
    public static bool IsOne(string module) =>
        Beginnings.Any(beginning => PathOf(module).StartsWith(beginning, StringComparison.Ordinal));

    /// <summary>Finds the layer that a module name means, or null if there is none.</summary>
    /// <param name="layers">The linear layers of both models; those of the vision encoder begin with <c>visual.</c>.</param>
    /// <param name="module">The name in the file.</param>
    public static LoraSlot? Find(IReadOnlyDictionary<string, LoraLayer> layers, string module)
    {
        string path = PathOf(module);
        return layers.TryGetValue(path, out LoraLayer layer) ? new LoraSlot(path, 0, layer.Out) : null;
    }

    private static string PathOf(string module) => LanguageModelNames.Official(
        module.StartsWith(Wrapper, StringComparison.Ordinal) ? module[Wrapper.Length..] : module);
}
