using NexusGen.Lora;
using NexusGen.Model;
using NexusGen.Weights.Files.Safetensors;
using static TorchSharp.torch;

namespace NexusGen.Tests.Lora;

/// <summary>LoRA files of random numbers for a model, as strong as tests need them.</summary>
internal static class RandomLora
{
    /// <summary>Writes a file that changes the attention and the feed-forward layers of the decoders.</summary>
    public static string WriteFlux(string model, string path, ulong seed, double size = 0.2)
    {
        using var files = new ModelFiles(ModelPaths.Find(model));
        var targets = new LoraTargets(files);
        string[] blocks =
        [
            .. Enumerable.Range(0, files.Configuration.Flux.Depth)
                .SelectMany(i => new[] { $"double_blocks.{i}.img_attn.proj", $"double_blocks.{i}.img_mlp.0" }),
            .. Enumerable.Range(0, files.Configuration.Flux.DepthSingleBlocks).Select(i => $"single_blocks.{i}.linear1"),
        ];
        Write(path, blocks.Select(block => (block, targets.GenerationDecoder.Layer(block))), "diffusion_model.", seed, size);
        return path;
    }

    /// <summary>Writes the folder of a PEFT adapter that changes the language model and the vision encoder.</summary>
    public static string WriteLanguage(string model, string folder, ulong seed, double size = 0.2)
    {
        using var files = new ModelFiles(ModelPaths.Find(model));
        var targets = new LoraTargets(files);
        string[] layers =
        [
            "visual.blocks.0.attn.qkv", "model.layers.0.self_attn.q_proj", "model.layers.0.mlp.up_proj",
            "model.layers.1.self_attn.v_proj", "vision_head",
        ];
        Directory.CreateDirectory(folder);
        Write(
            Path.Combine(folder, "adapter_model.safetensors"),
            layers.Select(layer => (layer, targets.Language.Layer(layer))), "base_model.model.", seed, size);
        File.WriteAllText(
            Path.Combine(folder, "adapter_config.json"), """{"peft_type": "LORA", "r": 2, "lora_alpha": 2}""");
        return folder;
    }

    private static void Write(
        string path, IEnumerable<(string Name, LoraLayer Layer)> layers, string prefix, ulong seed, double size)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(seed);
        SafetensorsWriter.Write(path, layers.SelectMany(layer => new[]
        {
            ($"{prefix}{layer.Name}.lora_A.weight", randn([2, layer.Layer.In], generator: generator) * size),
            ($"{prefix}{layer.Name}.lora_B.weight", randn([layer.Layer.Out, 2], generator: generator) * size),
        }).ToArray());
    }
}
