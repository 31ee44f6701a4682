using NexusGen.Core;
using NexusGen.Torch;
using NexusGen.Torch.Operators;
using NexusGen.Weights;
using NexusGen.Weights.Modules;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// The language model of Nexus-Gen: Qwen2.5 with mRoPE, a text head, a head that predicts image embeddings, and the learned
/// inputs of image positions (prefilled autoregression, section 3 of the paper). The names of the weights are those of the
/// checkpoint.
/// </summary>
internal sealed class LanguageModel : Module
{
    private readonly Embedding _tokens;
    private readonly Embedding _imagePrefill;
    private readonly BlockList<DecoderLayer> _layers;
    private readonly RmsNorm _norm;
    private readonly Linear? _textHead;
    private readonly Linear _visionHead;
    private readonly RotaryEmbedding _rotary;

    /// <summary>Loads the model.</summary>
    /// <param name="source">The root of the checkpoint.</param>
    /// <param name="configuration">The configuration of the model.</param>
    /// <exception cref="WeightException">A tensor is missing or has another shape.</exception>
    public LanguageModel(WeightSource source, LanguageModelConfiguration configuration)
        : base(source)
    {
        LanguageModelConfiguration c = configuration;
        Configuration = c;
        Placement = source.Options.Placement;
        _tokens = Own(new Embedding(source["model.embed_tokens"], c.VocabSize, c.HiddenSize));
        _layers = Own(new BlockList<DecoderLayer>(
            source["model.layers"], c.NumHiddenLayers, place => new DecoderLayer(place, c)));
        _norm = Own(new RmsNorm(source["model.norm"], c.HiddenSize, c.RmsNormEps));
        _textHead = c.TieWordEmbeddings
            ? null
            : Own(new Linear(source.Vocabulary["lm_head"], c.HiddenSize, c.VocabSize, bias: false));
        _visionHead = Own(new Linear(source.Ends["vision_head"], c.HiddenSize, c.HiddenSize, bias: false));
        _imagePrefill = Own(new Embedding(source["image_prefill_embeds"], c.ImageTokens, c.HiddenSize));
        _rotary = new RotaryEmbedding(c.HeadWidth, c.RopeTheta, c.MropeSection);
    }

    /// <summary>Gets the configuration of the model.</summary>
    public LanguageModelConfiguration Configuration { get; }

    /// <summary>Gets the device and the precision.</summary>
    public Placement Placement { get; }

    /// <summary>
    /// Gets or sets the function that runs each layer in passes without a cache, for example with gradient checkpointing; null to
    /// call the layers directly.
    /// </summary>
    public BlockRunner? BlockRunner { get; set; }

    /// <summary>Gets the learned inputs of the positions of a generated image, [image tokens, width].</summary>
    public Tensor ImagePrefill => _imagePrefill.Weight;

    /// <summary>Looks up the embeddings of tokens.</summary>
    /// <param name="ids">The tokens, […], int64, on the model's device.</param>
    /// <returns>[…, width].</returns>
    public Tensor Embed(Tensor ids) => _tokens.Forward(ids);

    /// <summary>Computes the states of complete sequences, without a cache, for training and for reference cases.</summary>
    /// <param name="embeddings">The inputs, [batch, length, width].</param>
    /// <param name="positions">The positions (time, row, column), [3, batch, length].</param>
    /// <param name="mask">
    /// [batch, length]: 0 for padding, otherwise the number of the conversation within its row; tokens attend only to tokens of
    /// the same conversation. null if each row is one conversation without padding.
    /// </param>
    /// <returns>[batch, length, width], after the last norm.</returns>
    public Tensor Forward(Tensor embeddings, Tensor positions, Tensor? mask = null)
    {
        using var scope = NewDisposeScope();
        Tensor? attended = null;
        if (mask is not null && mask.ne(Scalars.Of(1)).any().item<bool>())
        {
            // A masked token attends to itself, so that no softmax is empty.
            long length = embeddings.shape[1];
            Tensor causal = ones([length, length], dtype: ScalarType.Bool, device: embeddings.device).tril();
            Tensor self = eye(length, dtype: ScalarType.Bool, device: embeddings.device);
            Tensor number = mask.to(embeddings.device);
            Tensor related = number.unsqueeze(2).eq(number.unsqueeze(1)).logical_and(number.ne(Scalars.Of(0)).unsqueeze(1));
            attended = related.logical_and(causal).logical_or(self).unsqueeze(1);
        }

        return BlockRunner is { } runner
            ? Run(embeddings, positions, attended, runner).MoveToOuterDisposeScope()
            : Run(embeddings, positions, _ => (q, k, v) => Ops.Attention(q, k, v, attended, causal: attended is null))
                .MoveToOuterDisposeScope();
    }

    /// <summary>Computes the states of new tokens and stores their keys and values in a cache.</summary>
    /// <param name="embeddings">The inputs, [rows, length, width].</param>
    /// <param name="positions">The positions (time, row, column), [3, rows, length].</param>
    /// <param name="cache">The cache, which holds the tokens before.</param>
    /// <param name="slots">The slot of each row.</param>
    /// <returns>[rows, length, width], after the last norm.</returns>
    /// <exception cref="NexusGenException">The capacity of the cache is too small.</exception>
    public Tensor Forward(Tensor embeddings, Tensor positions, KeyValueCache cache, IReadOnlyList<int> slots)
    {
        using var scope = NewDisposeScope();
        long length = embeddings.shape[1];
        Tensor states = Run(embeddings, positions, cache.Append(slots, length));
        cache.Advance(slots, length);
        return states.MoveToOuterDisposeScope();
    }

    /// <summary>Computes the logits of the next token.</summary>
    /// <param name="states">The states, […, width].</param>
    /// <returns>[…, vocabulary].</returns>
    public Tensor Logits(Tensor states) =>
        _textHead?.Forward(states) ?? _tokens.Project(states);

    /// <summary>Computes the image embedding that each state predicts.</summary>
    /// <param name="states">The states, […, width].</param>
    /// <returns>[…, width].</returns>
    public Tensor ImageEmbeddings(Tensor states)
    {
        // As one matrix: for a slice of a longer sequence ATen would compute a batched product, which takes five times as long.
        using var scope = NewDisposeScope();
        return _visionHead.Forward(states.reshape(-1, states.shape[^1])).view(states.shape).MoveToOuterDisposeScope();
    }

    private Tensor Run(Tensor embeddings, Tensor positions, Func<int, AttentionFunction> attention)
    {
        using var scope = NewDisposeScope();
        (Tensor cos, Tensor sin) = _rotary.Angles(positions, embeddings.dtype, embeddings.device);
        Tensor states = embeddings;
        int number = 0;
        foreach (DecoderLayer layer in _layers.Blocks)
        {
            states = layer.Forward(states, cos, sin, attention(number++));
        }

        return _norm.Forward(states).MoveToOuterDisposeScope();
    }

    private Tensor Run(Tensor embeddings, Tensor positions, Tensor? attended, BlockRunner runner)
    {
        using var scope = NewDisposeScope();
        (Tensor cos, Tensor sin) = _rotary.Angles(positions, embeddings.dtype, embeddings.device);
        Tensor states = embeddings;
        for (int i = 0; i < _layers.Count; i++)
        {
            int number = i;
            IReadOnlyList<Tensor> Block(IReadOnlyList<Tensor> inputs)
            {
                // Requested at each use: a streamed block is no longer loaded when the backward pass reaches it.
                Tensor? mask = inputs.Count > 3 ? inputs[3] : null;
                return
                [
                    _layers[number].Forward(
                        inputs[0], inputs[1], inputs[2], (q, k, v) => Ops.Attention(q, k, v, mask, causal: mask is null))
                ];
            }

            states = runner(Block, attended is null ? [states, cos, sin] : [states, cos, sin, attended])[0];
        }

        return _norm.Forward(states).MoveToOuterDisposeScope();
    }
}
