using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NexusGen.Core;
using NexusGen.Diffusion.Flux;
using NexusGen.Torch;
using NexusGen.Weights;
using NexusGen.Weights.Files.Safetensors;
using static TorchSharp.torch;

namespace NexusGen.Lora;

/// <summary>
/// Writes LoRA files in the forms of other tools. The scale of a product is stored where all readers of a form take it from, or
/// multiplied into the second half. A file appears under its name only when it is complete.
/// </summary>
/// <param name="products">The products.</param>
/// <param name="layers">The linear layers of the model by their path.</param>
/// <param name="type">The element type of the stored tensors.</param>
internal sealed class LoraWriter(
    IReadOnlyList<LoraProduct> products, IReadOnlyDictionary<string, LoraLayer> layers, ScalarType type)
{
    private const string PeftPrefix = "base_model.model.", PeftWeights = "adapter_model.safetensors", LayerList = "model.layers.";

    private static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private readonly List<(string Name, Tensor Value)> _tensors = [];

    /// <summary>Writes the changes of a decoder.</summary>
    /// <param name="path">The path of the file.</param>
    /// <param name="form">The form, any except <see cref="LoraForm.Peft"/>.</param>
    /// <param name="metadata">What the header says beside the tensors.</param>
    /// <exception cref="NexusGenException">The file can't be written.</exception>
    public void WriteFlux(string path, LoraForm form, IReadOnlyDictionary<string, string> metadata)
    {
        using IDisposable noGradient = no_grad();
        using var scope = NewDisposeScope();
        var names = new FluxLoraNames(layers);
        _tensors.Clear();
        foreach (IGrouping<string, LoraProduct> layer in products.GroupBy(product => product.Path))
        {
            LoraProduct[] parts = [.. layer];
            if (form == LoraForm.Diffusers)
            {
                AddDiffusers(names.Diffusers(layer.Key), parts);
                continue;
            }

            LoraProduct one = Join(parts);
            if (form == LoraForm.Kohya)
            {
                string name = "lora_unet_" + layer.Key.Replace('.', '_');
                Add(name, ".lora_down.weight", one.Down, ".lora_up.weight", one.Up);
                _tensors.Add((name + ".alpha", tensor((float)(one.Scale * one.Rank))));
                continue;
            }

            // DiffSynth-Studio reads no α.
            (string theirs, TensorChange change) = FluxNames.DiffSynth.ToFile(layer.Key + ".weight")
                ?? throw new InvalidOperationException($"DiffSynth has no name for {layer.Key}.");
            Add(
                theirs[..^".weight".Length], ".lora_A.default.weight", one.Down,
                ".lora_B.default.weight", RenamedWeights.Apply(Scaled(one), change));
        }

        SafetensorsWriter.Write(path, _tensors, new Dictionary<string, string>(metadata) { ["format"] = "pt" });
    }

    /// <summary>Writes the changes of the language model as the folder of a PEFT adapter.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="configuration">More fields of <c>adapter_config.json</c>.</param>
    /// <param name="metadata">What the header says beside the tensors.</param>
    /// <returns>The files.</returns>
    /// <exception cref="NexusGenException">A file can't be written.</exception>
    public IReadOnlyList<string> WritePeft(
        string folder, JsonObject configuration, IReadOnlyDictionary<string, string> metadata)
    {
        using IDisposable noGradient = no_grad();
        using var scope = NewDisposeScope();
        _tensors.Clear();
        foreach (LoraProduct product in products)
        {
            Add(PeftPrefix + product.Path, ".lora_A.weight", product.Down, ".lora_B.weight", product.Up);
        }

        // Where most modules agree, patterns list the others. The ends of names are the same in all versions of transformers.
        (long rank, double alpha) = products.GroupBy(product => (product.Rank, Alpha: product.Scale * product.Rank))
            .MaxBy(group => group.Count())!.Key;
        JsonObject ranks = [], alphas = [];
        foreach (LoraProduct product in products)
        {
            if (product.Rank != rank)
            {
                ranks[EndOf(product.Path)] = product.Rank;
            }

            if (product.Scale * product.Rank != alpha)
            {
                alphas[EndOf(product.Path)] = product.Scale * product.Rank;
            }
        }

        var json = new JsonObject
        {
            ["peft_type"] = "LORA",
            ["task_type"] = "CAUSAL_LM",
            ["r"] = rank,
            ["lora_alpha"] = alpha,
            ["use_rslora"] = false,
            ["use_dora"] = false,
            ["rank_pattern"] = ranks,
            ["alpha_pattern"] = alphas,
            ["target_modules"] = new JsonArray([.. products.Select(product => (JsonNode)EndOf(product.Path)!)]),
            ["bias"] = "none",
            ["fan_in_fan_out"] = false,
            ["inference_mode"] = true,
            ["init_lora_weights"] = true,
            ["modules_to_save"] = null,
        };
        foreach ((string key, JsonNode? value) in configuration)
        {
            json[key] = value?.DeepClone();
        }

        string weights = Path.Combine(folder, PeftWeights), described = Path.Combine(folder, LoraFile.ConfigurationName);
        SafetensorsWriter.Write(weights, _tensors, new Dictionary<string, string>(metadata) { ["format"] = "pt" });
        try
        {
            using AtomicFile file = AtomicFile.Finished(
                described, System.Text.Encoding.UTF8.GetBytes(json.ToJsonString(Format) + "\n"));
            file.Commit();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new NexusGenException($"Can't write {described}: {e.Message}", e);
        }

        return [weights, described];
    }

    // In diffusers' names every part of a layer is a module of its own.
    private void AddDiffusers(IReadOnlyList<(string Name, LoraSlot Slot)> modules, LoraProduct[] parts)
    {
        bool fits = parts.All(part => modules.Any(
            module => module.Slot.Start == part.Start && module.Slot.Count == part.Up.shape[0]));
        LoraProduct? joined = fits ? null : Join(parts);
        foreach ((string name, LoraSlot slot) in modules)
        {
            LoraProduct? one = joined is not null
                ? joined with { Up = joined.Up.narrow(0, slot.Start, slot.Count).contiguous() }
                : parts.FirstOrDefault(part => part.Start == slot.Start);
            if (one is null)
            {
                continue;
            }

            string full = "transformer." + name;
            Tensor up = RenamedWeights.Apply(one.Up, slot.SwapsHalves ? TensorChange.SwapHalves : TensorChange.None);
            Add(full, ".lora_A.weight", one.Down, ".lora_B.weight", up);
            if (one.Scale != 1)
            {
                _tensors.Add((full + ".alpha", tensor((float)(one.Scale * one.Rank))));
            }
        }
    }

    // One product for the whole layer: the ranks of several parts are put side by side.
    private LoraProduct Join(LoraProduct[] parts)
    {
        LoraLayer layer = layers[parts[0].Path];
        if (parts.Length == 1 && parts[0].Up.shape[0] == layer.Out)
        {
            return parts[0];
        }

        Tensor up = zeros([layer.Out, parts.Sum(part => part.Rank)]);
        long first = 0;
        foreach (LoraProduct part in parts)
        {
            up.narrow(0, part.Start, part.Up.shape[0]).narrow(1, first, part.Rank).copy_(Scaled(part));
            first += part.Rank;
        }

        return new LoraProduct(parts[0].Path, 0, cat([.. parts.Select(part => part.Down)], 0), up, 1);
    }

    private static Tensor Scaled(LoraProduct product) =>
        product.Scale == 1 ? product.Up : product.Up * Scalars.Of(product.Scale);

    private static string EndOf(string path) =>
        path.StartsWith(LayerList, StringComparison.Ordinal) ? path["model.".Length..] : path;

    private void Add(string module, string downName, Tensor down, string upName, Tensor up)
    {
        _tensors.Add((module + downName, down.to(type).cpu().contiguous()));
        _tensors.Add((module + upName, up.to(type).cpu().contiguous()));
    }
}
