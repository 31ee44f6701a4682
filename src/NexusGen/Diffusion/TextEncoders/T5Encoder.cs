using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.TextEncoders;

/// <summary>
/// T5's encoder (arXiv 1910.10683, v1.1), the text context that FLUX was trained on; Nexus-Gen needs it for the negative prompt
/// alone. Padding is not masked, as officially. Names are Hugging Face's.
/// </summary>
public sealed class T5Encoder : Module
{
    private const string Shared = "shared";
    private const string Tied = "encoder.embed_tokens";

    private readonly T5Configuration _configuration;
    private readonly Embedding _tokens;
    private readonly Embedding _relativeBias;
    private readonly BlockList<Layer> _layers;
    private readonly RmsNorm _finalNorm;

    /// <summary>Loads the encoder.</summary>
    /// <param name="source">The root of its weights.</param>
    /// <param name="configuration">Its sizes.</param>
    /// <param name="table">The place of the table of tokens; see <see cref="TableIn"/>.</param>
    /// <exception cref="NexusGenException">The sizes can't be, or a tensor is missing or has another shape.</exception>
    public T5Encoder(WeightSource source, T5Configuration configuration, string table = Shared)
        : base(source)
    {
        T5Configuration c = _configuration = configuration.Checked();
        _tokens = Own(new Embedding(source[table], c.VocabSize, c.DModel));
        WeightSource blocks = source["encoder.block"];
        _relativeBias = Own(new Embedding(blocks[0]["layer.0.SelfAttention.relative_attention_bias"], c.RelativeAttentionNumBuckets, c.NumHeads));
        _layers = Own(new BlockList<Layer>(blocks, c.NumLayers, place => new Layer(place, c)));
        _finalNorm = Own(new RmsNorm(source["encoder.final_layer_norm"], c.DModel, c.LayerNormEpsilon));
    }

    /// <summary>Where a checkpoint holds the table of tokens: it has two names, and a file may have either or both.</summary>
    /// <param name="store">The checkpoint.</param>
    public static string TableIn(ITensorStore store) =>
        store.Entries.ContainsKey(Shared + ".weight") || !store.Entries.ContainsKey(Tied + ".weight") ? Shared : Tied;

    /// <summary>Whether a tensor of a checkpoint is the table of tokens, under either name.</summary>
    /// <param name="name">Its name.</param>
    public static bool IsTokenTable(string name) => name is Shared + ".weight" or Tied + ".weight";

    /// <summary>The states of all tokens.</summary>
    /// <param name="ids">[batch, tokens], int64, on the encoder's device.</param>
    /// <returns>[batch, tokens, width].</returns>
    public Tensor Forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        Tensor states = _tokens.Forward(ids);
        Tensor bias = Bias(ids.shape[1], states);
        foreach (Layer layer in _layers.Blocks)
        {
            states = layer.Forward(states, bias);
        }

        return _finalNorm.Forward(states).MoveToOuterDisposeScope();
    }

    // [1, heads, tokens, tokens]: what a head adds to the score of a key at a distance. The first layer's holds for all.
    private Tensor Bias(long length, Tensor like)
    {
        using var scope = NewDisposeScope();
        Tensor places = Arithmetic.Range(length);
        Tensor buckets = Buckets(places.unsqueeze(0) - places.unsqueeze(1), _configuration);
        return _relativeBias.Forward(buckets.to(like.device)).permute(2, 0, 1).unsqueeze(0).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The kinds of distances from a query to a key: half of them for each direction, the near distances one by one, the far
    /// ones by their logarithm. Computed on the CPU in float32 as officially, where a distance may lie on a border.
    /// </summary>
    /// <param name="distances">int64 of any shape.</param>
    /// <param name="c">The sizes.</param>
    internal static Tensor Buckets(Tensor distances, T5Configuration c)
    {
        using var scope = NewDisposeScope();
        int half = c.RelativeAttentionNumBuckets / 2, exact = half / 2;
        Tensor lengths = distances.abs();
        Tensor far = (log(lengths.to(ScalarType.Float32) / Scalars.Of(exact)) / Scalars.Of(Math.Log((double)c.RelativeAttentionMaxDistance / exact)) * Scalars.Of(half - exact))
            .clamp(min: Scalars.Of(0)).to(ScalarType.Int64).Plus(Scalars.Of(exact)).clamp(max: Scalars.Of(half - 1));
        return where(lengths < Scalars.Of(exact), lengths, far).Plus((distances > Scalars.Of(0)).to(ScalarType.Int64).mul(Scalars.Of(half))).MoveToOuterDisposeScope();
    }

    /// <summary>Attention without scaling, and a feed-forward layer gated by the tanh GELU.</summary>
    private sealed class Layer : Module
    {
        private readonly int _heads;
        private readonly Linear _query;
        private readonly Linear _key;
        private readonly Linear _value;
        private readonly Linear _output;
        private readonly Linear _gate;
        private readonly Linear _up;
        private readonly Linear _down;
        private readonly RmsNorm _norm1;
        private readonly RmsNorm _norm2;

        public Layer(WeightSource source, T5Configuration c)
            : base(source)
        {
            _heads = c.NumHeads;
            int inner = c.NumHeads * c.DKv;
            WeightSource attention = source["layer.0.SelfAttention"], feedForward = source["layer.1.DenseReluDense"];
            _query = Own(new Linear(attention["q"], c.DModel, inner, bias: false));
            _key = Own(new Linear(attention["k"], c.DModel, inner, bias: false));
            _value = Own(new Linear(attention["v"], c.DModel, inner, bias: false));
            _output = Own(new Linear(attention["o"], inner, c.DModel, bias: false));
            _gate = Own(new Linear(feedForward["wi_0"], c.DModel, c.DFf, bias: false));
            _up = Own(new Linear(feedForward["wi_1"], c.DModel, c.DFf, bias: false));
            _down = Own(new Linear(feedForward["wo"], c.DFf, c.DModel, bias: false));
            _norm1 = Own(new RmsNorm(source["layer.0.layer_norm"], c.DModel, c.LayerNormEpsilon));
            _norm2 = Own(new RmsNorm(source["layer.1.layer_norm"], c.DModel, c.LayerNormEpsilon));
        }

        public Tensor Forward(Tensor x, Tensor bias)
        {
            using var scope = NewDisposeScope();
            Tensor normed = _norm1.Forward(x);
            Tensor attended = Ops.Attention(Heads(_query.Forward(normed)), Heads(_key.Forward(normed)), Heads(_value.Forward(normed)), bias, scale: 1);
            x = x.Plus(_output.Forward(attended.transpose(1, 2).flatten(2)));
            normed = _norm2.Forward(x);
            return x.Plus(_down.Forward(Ops.Gelu(_gate.Forward(normed), tanh: true) * _up.Forward(normed))).MoveToOuterDisposeScope();
        }

        private Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1], _heads, -1).transpose(1, 2);
    }
}
