using NexusGen.Weights;

namespace NexusGen.Diffusion.Flux;

/// <summary>The tensor names of FLUX in other checkpoint formats.</summary>
internal static class FluxNames
{
    /// <summary>
    /// Gets the names of DiffSynth, which <c>generation_decoder.bin</c> and <c>edit_decoder.bin</c> use under <c>pipe.dit.</c>.
    /// The last modulation is ordered (scale, shift) there, but (shift, scale) in the files of black-forest-labs.
    /// </summary>
    public static NameTable DiffSynth { get; } = new(
    [
        .. Layer("img_in", "x_embedder"),
        .. Layer("txt_in", "context_embedder"),
        .. Layer("time_in.in_layer", "time_embedder.timestep_embedder.0"),
        .. Layer("time_in.out_layer", "time_embedder.timestep_embedder.2"),
        .. Layer("guidance_in.in_layer", "guidance_embedder.timestep_embedder.0"),
        .. Layer("guidance_in.out_layer", "guidance_embedder.timestep_embedder.2"),
        .. Layer("vector_in.in_layer", "pooled_text_embedder.0"),
        .. Layer("vector_in.out_layer", "pooled_text_embedder.2"),
        .. Stream("img", "a"),
        .. Stream("txt", "b"),
        .. Layer("single_blocks.{}.modulation.lin", "single_blocks.{}.norm.linear"),
        .. Layer("single_blocks.{}.linear1", "single_blocks.{}.to_qkv_mlp"),
        .. Layer("single_blocks.{}.linear2", "single_blocks.{}.proj_out"),
        new("single_blocks.{}.norm.query_norm.scale", "single_blocks.{}.norm_q_a.weight"),
        new("single_blocks.{}.norm.key_norm.scale", "single_blocks.{}.norm_k_a.weight"),
        .. Layer("final_layer.linear", "final_proj_out"),
        .. Layer("final_layer.adaLN_modulation.1", "final_norm_out.linear", TensorChange.SwapHalves),
    ]);

    // What files with a whole pipeline have beside the transformer.
    private static readonly string[] Bundled = ["text_encoders.", "cond_stage_model.", "vae.", "first_stage_model."];

    /// <summary>Whether a tensor belongs to another component that a file contains beside the transformer.</summary>
    /// <param name="name">The name in the file.</param>
    public static bool IsBundled(string name) =>
        Bundled.Any(prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    private static IEnumerable<NamePair> Stream(string own, string theirs) =>
    [
        .. Layer($"double_blocks.{{}}.{own}_mod.lin", $"blocks.{{}}.norm1_{theirs}.linear"),
        .. Layer($"double_blocks.{{}}.{own}_attn.qkv", $"blocks.{{}}.attn.{theirs}_to_qkv"),
        .. Layer($"double_blocks.{{}}.{own}_attn.proj", $"blocks.{{}}.attn.{theirs}_to_out"),
        new($"double_blocks.{{}}.{own}_attn.norm.query_norm.scale", $"blocks.{{}}.attn.norm_q_{theirs}.weight"),
        new($"double_blocks.{{}}.{own}_attn.norm.key_norm.scale", $"blocks.{{}}.attn.norm_k_{theirs}.weight"),
        .. Layer($"double_blocks.{{}}.{own}_mlp.0", $"blocks.{{}}.ff_{theirs}.0"),
        .. Layer($"double_blocks.{{}}.{own}_mlp.2", $"blocks.{{}}.ff_{theirs}.2"),
    ];

    private static IEnumerable<NamePair> Layer(string own, string theirs, TensorChange change = TensorChange.None) =>
        [new($"{own}.weight", $"{theirs}.weight", change), new($"{own}.bias", $"{theirs}.bias", change)];
}
