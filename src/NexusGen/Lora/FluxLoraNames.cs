using NexusGen.Diffusion.Flux;

namespace NexusGen.Lora;

/// <summary>
/// What the modules of FLUX are called in LoRA files: the names of black-forest-labs (BFL), of DiffSynth-Studio, of diffusers,
/// whose projections are split, and of XLabs; after various prefixes, and with dots or underscores.
/// </summary>
internal sealed class FluxLoraNames
{
    private static readonly string[] Prefixes =
    [
        "module.", "base_model.model.", "model.diffusion_model.", "diffusion_model.", "transformer.", "pipe.dit.", "dit.",
        "unet.",
    ];

    private static readonly string[] UnderscorePrefixes = ["lora_unet_", "lora_transformer_", "lycoris_"];

    private readonly Dictionary<string, LoraSlot> _dotted = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LoraSlot> _underscored = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(string Name, LoraSlot Slot)>> _diffusers = new(StringComparer.Ordinal);

    /// <summary>Initializes the names of a transformer.</summary>
    /// <param name="layers">Its linear layers.</param>
    public FluxLoraNames(IReadOnlyDictionary<string, LoraLayer> layers)
    {
        foreach ((string path, LoraLayer layer) in layers)
        {
            Add(path, new LoraSlot(path, 0, layer.Out));

            // In the names of DiffSynth and diffusers the last modulation is (scale, shift), in BFL's and here (shift, scale).
            bool swaps = path == "final_layer.adaLN_modulation.1";
            if (FluxNames.DiffSynth.ToFile(path + ".weight") is ({ } theirs, _))
            {
                Add(theirs[..^".weight".Length], new LoraSlot(path, 0, layer.Out, swaps));
            }

            string[] parts = path.Split('.');
            switch (parts[0])
            {
                case "double_blocks":
                    AddDouble(parts[1], string.Join('.', parts[2..]), path, layer);
                    break;
                case "single_blocks":
                    AddSingle(parts[1], string.Join('.', parts[2..]), path, layer);
                    break;
                default:
                    AddOuter(path, layer, swaps);
                    break;
            }
        }
    }

    /// <summary>Finds the layer that a module name means, or null if there is none.</summary>
    /// <param name="module">The name in the file.</param>
    public LoraSlot? Find(string module)
    {
        foreach (string prefix in UnderscorePrefixes)
        {
            if (module.StartsWith(prefix, StringComparison.Ordinal))
            {
                return _underscored.TryGetValue(module[prefix.Length..], out LoraSlot slot) ? slot : null;
            }
        }

        while (Prefixes.FirstOrDefault(prefix => module.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix)
        {
            module = module[prefix.Length..];
        }

        return _dotted.TryGetValue(module, out LoraSlot found) ? found : null;
    }

    /// <summary>Gets diffusers' modules that make up a layer, several if diffusers has split it.</summary>
    /// <param name="path">The path of the layer.</param>
    public IReadOnlyList<(string Name, LoraSlot Slot)> Diffusers(string path) => _diffusers[path];

    private void AddDouble(string number, string name, string path, LoraLayer layer)
    {
        string block = $"transformer_blocks.{number}.", theirs = $"double_blocks.{number}.processor.";
        bool image = name.StartsWith("img_", StringComparison.Ordinal);
        var whole = new LoraSlot(path, 0, layer.Out);
        switch (name[4..])
        {
            case "mod.lin":
                AddDiffusers(block + (image ? "norm1.linear" : "norm1_context.linear"), whole);
                break;
            case "attn.qkv":
                AddThirds(block, image ? ["attn.to_q", "attn.to_k", "attn.to_v"]
                    : ["attn.add_q_proj", "attn.add_k_proj", "attn.add_v_proj"], path, layer.Out / 3);
                Add(block + (image ? "attn.to_qkv" : "attn.to_added_qkv"), whole);
                Add(theirs + (image ? "qkv_lora1" : "qkv_lora2"), whole);
                break;
            case "attn.proj":
                AddDiffusers(block + (image ? "attn.to_out.0" : "attn.to_add_out"), whole);
                Add(theirs + (image ? "proj_lora1" : "proj_lora2"), whole);
                break;
            case "mlp.0":
                AddDiffusers(block + (image ? "ff.net.0.proj" : "ff_context.net.0.proj"), whole);
                break;
            case "mlp.2":
                AddDiffusers(block + (image ? "ff.net.2" : "ff_context.net.2"), whole);
                break;
        }
    }

    private void AddSingle(string number, string name, string path, LoraLayer layer)
    {
        string block = $"single_transformer_blocks.{number}.", theirs = $"single_blocks.{number}.processor.";
        switch (name)
        {
            case "modulation.lin":
                AddDiffusers(block + "norm.linear", new LoraSlot(path, 0, layer.Out));
                break;
            case "linear1":
                long width = layer.In;
                AddThirds(block, ["attn.to_q", "attn.to_k", "attn.to_v"], path, width);
                Add(block + "attn.to_qkv", new LoraSlot(path, 0, 3 * width));
                AddDiffusers(block + "proj_mlp", new LoraSlot(path, 3 * width, layer.Out - (3 * width)));
                Add(theirs + "qkv_lora", new LoraSlot(path, 0, 3 * width));
                break;
            case "linear2":
                AddDiffusers(block + "proj_out", new LoraSlot(path, 0, layer.Out));
                Add(theirs + "proj_lora", new LoraSlot(path, 0, layer.Out));
                break;
        }
    }

    private void AddOuter(string path, LoraLayer layer, bool swaps)
    {
        string? theirs = path switch
        {
            "img_in" => "x_embedder",
            "txt_in" => "context_embedder",
            "time_in.in_layer" => "time_text_embed.timestep_embedder.linear_1",
            "time_in.out_layer" => "time_text_embed.timestep_embedder.linear_2",
            "guidance_in.in_layer" => "time_text_embed.guidance_embedder.linear_1",
            "guidance_in.out_layer" => "time_text_embed.guidance_embedder.linear_2",
            "vector_in.in_layer" => "time_text_embed.text_embedder.linear_1",
            "vector_in.out_layer" => "time_text_embed.text_embedder.linear_2",
            "final_layer.linear" => "proj_out",
            "final_layer.adaLN_modulation.1" => "norm_out.linear",
            _ => null,
        };
        if (theirs is not null)
        {
            AddDiffusers(theirs, new LoraSlot(path, 0, layer.Out, swaps));
        }
    }

    private void AddThirds(string block, string[] names, string path, long width)
    {
        foreach ((int index, string name) in names.Index())
        {
            AddDiffusers(block + name, new LoraSlot(path, index * width, width));
        }
    }

    private void AddDiffusers(string name, LoraSlot slot)
    {
        Add(name, slot);
        if (!_diffusers.TryGetValue(slot.Path, out var list))
        {
            _diffusers.Add(slot.Path, list = []);
        }

        list.Add((name, slot));
    }

    private void Add(string name, LoraSlot slot)
    {
        _dotted.TryAdd(name, slot);
        _underscored.TryAdd(name.Replace('.', '_'), slot);
    }
}
