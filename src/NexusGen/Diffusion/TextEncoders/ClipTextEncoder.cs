using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Diffusion.TextEncoders;

/// <summary>
/// The CLIP text encoder (arXiv 2103.00020), whose pooled embedding is an input of FLUX. Tensor names are those of Hugging Face.
/// </summary>
internal sealed class ClipTextEncoder : Module
{
    private readonly Embedding _tokens;
    private readonly Embedding _positions;
    private readonly BlockList<Layer> _layers;
    private readonly LayerNorm _finalNorm;

    /// <summary>Loads the encoder.</summary>
    /// <param name="source">The root of its weights.</param>
    /// <param name="configuration">The sizes.</param>
    /// <exception cref="NexusGenException">The sizes are inconsistent, or a tensor is missing or has another shape.</exception>
    public ClipTextEncoder(WeightSource source, ClipConfiguration configuration)
        : base(source)
    {
        ClipConfiguration c = configuration.Checked();
        WeightSource model = source["text_model"];
        _tokens = Own(new Embedding(model["embeddings.token_embedding"], c.VocabSize, c.HiddenSize));
        _positions = Own(new Embedding(model["embeddings.position_embedding"], c.MaxPositionEmbeddings, c.HiddenSize));
        _layers = Own(new BlockList<Layer>(model["encoder.layers"], c.NumHiddenLayers, place => new Layer(place, c)));
        _finalNorm = Own(new LayerNorm(model["final_layer_norm"], c.HiddenSize, c.LayerNormEps));
    }

    /// <summary>Computes the pooled embedding: the state at the first end token, which has the largest id.</summary>
    /// <param name="ids">[batch, tokens], int64, on the device of the encoder.</param>
    /// <returns>[batch, width].</returns>
    public Tensor Forward(Tensor ids)
    {
        using var scope = NewDisposeScope();
        Tensor states = _tokens.Forward(ids).Plus(_positions.Weight.narrow(0, 0, ids.shape[1]));
        foreach (Layer layer in _layers.Blocks)
        {
            states = layer.Forward(states);
        }

        Tensor end = ids.argmax(1).view(-1, 1, 1).expand(-1, 1, states.shape[2]);
        return _finalNorm.Forward(states.gather(1, end).squeeze(1)).MoveToOuterDisposeScope();
    }

    /// <summary>A pre-norm transformer layer with causal attention and quick GELU.</summary>
    private sealed class Layer : Module
    {
        private readonly int _heads;
        private readonly Linear _query;
        private readonly Linear _key;
        private readonly Linear _value;
        private readonly Linear _output;
        private readonly Linear _in;
        private readonly Linear _out;
        private readonly LayerNorm _norm1;
        private readonly LayerNorm _norm2;

        public Layer(WeightSource source, ClipConfiguration c)
            : base(source)
        {
            _heads = c.NumAttentionHeads;
            WeightSource attention = source["self_attn"];
            _query = Own(new Linear(attention["q_proj"], c.HiddenSize, c.HiddenSize));
            _key = Own(new Linear(attention["k_proj"], c.HiddenSize, c.HiddenSize));
            _value = Own(new Linear(attention["v_proj"], c.HiddenSize, c.HiddenSize));
            _output = Own(new Linear(attention["out_proj"], c.HiddenSize, c.HiddenSize));
            _in = Own(new Linear(source["mlp.fc1"], c.HiddenSize, c.IntermediateSize));
            _out = Own(new Linear(source["mlp.fc2"], c.IntermediateSize, c.HiddenSize));
            _norm1 = Own(new LayerNorm(source["layer_norm1"], c.HiddenSize, c.LayerNormEps));
            _norm2 = Own(new LayerNorm(source["layer_norm2"], c.HiddenSize, c.LayerNormEps));
        }

        public Tensor Forward(Tensor x)
        {
            using var scope = NewDisposeScope();
            Tensor normed = _norm1.Forward(x);
            Tensor attended = Ops.Attention(
                Heads(_query.Forward(normed)),
                Heads(_key.Forward(normed)),
                Heads(_value.Forward(normed)),
                causal: true);
            x = x.Plus(_output.Forward(attended.transpose(1, 2).flatten(2)));
            Tensor inner = _in.Forward(_norm2.Forward(x));
            return x.Plus(_out.Forward(inner * (inner * Scalars.Of(1.702)).sigmoid())).MoveToOuterDisposeScope();
        }

        private Tensor Heads(Tensor x) => x.view(x.shape[0], x.shape[1], _heads, -1).transpose(1, 2);
    }
}
