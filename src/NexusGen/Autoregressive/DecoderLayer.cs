using NexusGen.Torch;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// One layer of Qwen2.5: grouped-query attention with rotary position embedding, then a SwiGLU feed-forward layer.
/// </summary>
internal sealed class DecoderLayer : Module
{
    private readonly int _heads;
    private readonly int _keyValueHeads;
    private readonly RmsNorm _inputNorm;
    private readonly RmsNorm _postNorm;
    private readonly Linear _query;
    private readonly Linear _key;
    private readonly Linear _value;
    private readonly Linear _output;
    private readonly GatedMlp _mlp;

    /// <summary>Loads a layer.</summary>
    /// <param name="source">The weights of the layer.</param>
    /// <param name="c">The configuration of the model.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public DecoderLayer(WeightSource source, LanguageModelConfiguration c)
        : base(source)
    {
        _heads = c.NumAttentionHeads;
        _keyValueHeads = c.NumKeyValueHeads;
        int width = c.HiddenSize, narrow = c.NumKeyValueHeads * c.HeadWidth;
        WeightSource attention = source["self_attn"];
        _query = Own(new Linear(attention["q_proj"], width, width));
        _key = Own(new Linear(attention["k_proj"], width, narrow));
        _value = Own(new Linear(attention["v_proj"], width, narrow));
        _output = Own(new Linear(attention["o_proj"], width, width, bias: false));
        _mlp = Own(new GatedMlp(source["mlp"], width, c.IntermediateSize, bias: false));
        _inputNorm = Own(new RmsNorm(source["input_layernorm"], width, c.RmsNormEps));
        _postNorm = Own(new RmsNorm(source["post_attention_layernorm"], width, c.RmsNormEps));
    }

    /// <summary>Computes the output of the layer.</summary>
    /// <param name="states">The hidden states, [batch, length, width].</param>
    /// <param name="cos">The cosines of the rotary angles, [batch, length, 1, head width].</param>
    /// <param name="sin">The sines of the rotary angles, in the same shape.</param>
    /// <param name="attend">
    /// Computes the attention from queries, keys and values: with a cache, with a mask, or with neither.
    /// </param>
    /// <returns>[batch, length, width].</returns>
    public Tensor Forward(Tensor states, Tensor cos, Tensor sin, AttentionFunction attend)
    {
        using var scope = NewDisposeScope();
        Tensor normed = _inputNorm.Forward(states);
        Tensor q = RotaryEmbedding.Rotate(Heads(_query.Forward(normed), _heads), cos, sin);
        Tensor k = RotaryEmbedding.Rotate(Heads(_key.Forward(normed), _keyValueHeads), cos, sin);
        Tensor v = Heads(_value.Forward(normed), _keyValueHeads);
        Tensor attended = attend(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2)).transpose(1, 2).flatten(2);
        states = states.Plus(_output.Forward(attended));
        return states.Plus(_mlp.Forward(_postNorm.Forward(states))).MoveToOuterDisposeScope();
    }

    private static Tensor Heads(Tensor x, int heads) => x.view(x.shape[0], x.shape[1], heads, -1);
}
