using NexusGen.Weights;

namespace NexusGen.Autoregressive;

/// <summary>The names that llama.cpp gives the tensors of Qwen2.5-VL, in its two files.</summary>
internal static class LlamaNames
{
    /// <summary>
    /// Gets the names of single tensors: of the language model (<c>qwen2vl</c>) and of the vision encoder (<c>clip</c>).
    /// </summary>
    public static NameTable Table { get; } = new(
    [
        new("model.embed_tokens.weight", "token_embd.weight"),
        new("model.norm.weight", "output_norm.weight"),
        new(LanguageModelNames.TextHead, "output.weight"),
        .. Layer("model.layers.{}.input_layernorm", "blk.{}.attn_norm"),
        .. Layer("model.layers.{}.post_attention_layernorm", "blk.{}.ffn_norm"),
        .. Layer("model.layers.{}.self_attn.q_proj", "blk.{}.attn_q"),
        .. Layer("model.layers.{}.self_attn.k_proj", "blk.{}.attn_k"),
        .. Layer("model.layers.{}.self_attn.v_proj", "blk.{}.attn_v"),
        .. Layer("model.layers.{}.self_attn.o_proj", "blk.{}.attn_output"),
        .. Layer("model.layers.{}.mlp.gate_proj", "blk.{}.ffn_gate"),
        .. Layer("model.layers.{}.mlp.up_proj", "blk.{}.ffn_up"),
        .. Layer("model.layers.{}.mlp.down_proj", "blk.{}.ffn_down"),
        .. Layer("visual.blocks.{}.attn.qkv", "v.blk.{}.attn_qkv"),
        .. Layer("visual.blocks.{}.attn.proj", "v.blk.{}.attn_out"),
        .. Layer("visual.blocks.{}.mlp.gate_proj", "v.blk.{}.ffn_gate"),
        .. Layer("visual.blocks.{}.mlp.up_proj", "v.blk.{}.ffn_up"),
        .. Layer("visual.blocks.{}.mlp.down_proj", "v.blk.{}.ffn_down"),
        .. Layer("visual.blocks.{}.norm1", "v.blk.{}.ln1"),
        .. Layer("visual.blocks.{}.norm2", "v.blk.{}.ln2"),
        .. Layer("visual.merger.ln_q", "v.post_ln"),
        .. Layer("visual.merger.mlp.0", "mm.0"),
        .. Layer("visual.merger.mlp.2", "mm.2"),
    ]);

    /// <summary>Gets the vision encoder's projection of patches, which llama.cpp stores as two time slices.</summary>
    public const string Patches = "visual.patch_embed.proj.weight";

    /// <summary>Gets the names of the two time slices.</summary>
    public static IReadOnlyList<string> Slices { get; } = ["v.patch_embd.weight", "v.patch_embd.weight.1"];

    /// <summary>Finds the three tensors that llama.cpp makes of one of the vision encoder's attention.</summary>
    /// <param name="name">The name in the file of the first of them.</param>
    /// <returns>The name in the model and the names in the file, or null if the name is another one.</returns>
    public static (string Model, string[] File)? Attention(string name)
    {
        const string query = ".attn_q.";
        int end = name.IndexOf(query, StringComparison.Ordinal);
        if (!name.StartsWith("v.blk.", StringComparison.Ordinal) || end < 0)
        {
            return null;
        }

        (string block, string rest) = (name["v.blk.".Length..end], name[(end + query.Length)..]);
        string[] file = [.. "qkv".Select(part => $"v.blk.{block}.attn_{part}.{rest}")];
        return ($"visual.blocks.{block}.attn.qkv.{rest}", file);
    }

    private static IEnumerable<NamePair> Layer(string own, string theirs) =>
        [new($"{own}.weight", $"{theirs}.weight"), new($"{own}.bias", $"{theirs}.bias")];
}
