using NexusGen.Core;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>One reply while it is generated: the tokens so far, the images, and what has to be computed next.</summary>
internal sealed class GenerationSequence : IDisposable
{
    private readonly int _promptLength;
    private readonly List<int> _ids;
    private readonly List<(int Start, GridThw Grid)> _pictures;
    private readonly List<Tensor> _drawn = [];
    private readonly TokenSampler _sampler;
    private readonly LanguageModelConfiguration _configuration;

    internal GenerationSequence(
        TokenizedPrompt prompt, GenerationOptions options, LanguageModelConfiguration configuration, int slot)
    {
        _ids = [.. prompt.Ids];
        _promptLength = _ids.Count;
        if (_ids.Count == 0)
        {
            throw new NexusGenException("The prompt is empty: it must have at least one token.");
        }

        _configuration = configuration;
        Options = options;
        Slot = slot;
        Positions = options.Positions;
        Budget = Math.Min(
            options.MaxNewTokens,
            configuration.MaxPositionEmbeddings - _promptLength - 1 - GenerationBatch.PassLength(configuration));
        _pictures = RopeIndex.FindImages(_ids, prompt.Grids, configuration.ImageTokenId, Merge);
        _sampler = new TokenSampler(options.Sampling, options.TextOnly ? configuration.VisionStartTokenId : null);
        Prompt = prompt with { ImageEmbeddings = prompt.ImageEmbeddings?.alias().DetachFromDisposeScope() };
        if (options.ForceImage && !options.TextOnly && _ids[^1] != configuration.VisionStartTokenId)
        {
            _ids.Add(configuration.VisionStartTokenId);
        }

        Need = _ids.Count + Budget + GenerationBatch.PassLength(configuration);
    }

    /// <summary>Raised with each token of text, before <see cref="GenerationOptions.StopWhen"/> is called.</summary>
    internal event Action<int>? TokenGenerated;

    /// <summary>Raised with the index of the image in the reply, after the embeddings of an image were predicted.</summary>
    internal event Action<int>? ImagePredicted;

    /// <summary>Gets the tokens of the reply so far, including image tokens.</summary>
    public IReadOnlyList<int> GeneratedIds => _ids.GetRange(_promptLength, _ids.Count - _promptLength);

    /// <summary>Gets the number of tokens that the reply has so far.</summary>
    public int GeneratedCount => _ids.Count - _promptLength;

    /// <summary>Gets the embeddings of the images generated so far, [tokens, width] each; owned by this object.</summary>
    public IReadOnlyList<Tensor> ImageEmbeddings => _drawn;

    /// <summary>Gets why the reply ended, or null if it has not.</summary>
    public FinishReason? Finish { get; private set; }

    internal TokenizedPrompt Prompt { get; }

    internal GenerationOptions Options { get; }

    /// <summary>Gets or sets the slot of the sequence in the key-value cache.</summary>
    internal int Slot { get; set; }

    /// <summary>
    /// Gets or sets the number of the last pass of the batch that the sequence took part in; at first, of the last pass before it
    /// was added.
    /// </summary>
    internal long LastPass { get; set; }

    /// <summary>Gets or sets the error that ended the sequence in an open batch, or null for none.</summary>
    internal Exception? Fault { get; set; }

    /// <summary>Gets whether there is more to compute.</summary>
    internal bool IsGoing => Finish is null && Fault is null;

    /// <summary>Gets the largest number of tokens in all, including the prompt: the capacity that its slot needs.</summary>
    internal long Need { get; }

    /// <summary>
    /// Gets the largest number of new tokens: <see cref="GenerationOptions.MaxNewTokens"/>, or fewer if the positions of the
    /// model would not suffice for them and a last image.
    /// </summary>
    internal int Budget { get; }

    internal PositionMode Positions { get; private set; }

    /// <summary>Gets all tokens, of the prompt and of the reply.</summary>
    internal IReadOnlyList<int> Ids => _ids;

    /// <summary>Gets all images, those of the prompt and those of the reply.</summary>
    internal IReadOnlyList<(int Start, GridThw Grid)> Images => _pictures;

    /// <summary>Gets or sets the position of the next token.</summary>
    internal long NextPosition { get; set; }

    /// <summary>Gets or sets whether the cache holds all tokens so far except the last.</summary>
    internal bool IsPrefilled { get; set; }

    /// <summary>Gets whether the last token begins an image whose embeddings are not predicted yet.</summary>
    internal bool IsPredictingImage => Finish is null && _ids[^1] == _configuration.VisionStartTokenId;

    /// <summary>Returns whether this sequence and another can share their next forward pass.</summary>
    internal bool IsLike(GenerationSequence other) => IsPredictingImage
        ? other.IsPredictingImage && Options.ImageGrid == other.Options.ImageGrid && Options.Plain == other.Options.Plain
        : !other.IsPredictingImage;

    private int Merge => _configuration.Vision.SpatialMergeSize;

    /// <inheritdoc/>
    public void Dispose()
    {
        _sampler.Dispose();
        Prompt.ImageEmbeddings?.Dispose();
        foreach (Tensor picture in _drawn)
        {
            picture.Dispose();
        }
    }

    /// <summary>Samples the next token and appends it.</summary>
    /// <returns>The token.</returns>
    internal int Continue(Tensor logits)
    {
        int token = _sampler.Next(logits, _ids);
        _ids.Add(token);
        TokenGenerated?.Invoke(token);
        if (Options.EosTokenIds.Contains(token))
        {
            Finish = FinishReason.EndOfReply;
        }
        else if (!IsPredictingImage && Options.StopWhen?.Invoke(GeneratedIds) == true)
        {
            Finish = FinishReason.StopSequence;
        }

        EndAtBudget();
        if (IsPredictingImage && _drawn.Count > 0 && Positions == PositionMode.Reference)
        {
            // The official code can't continue here, with a second image. From now on the positions of all tokens are those of
            // training, so the prefill of the tokens so far is repeated.
            Positions = PositionMode.Training;
            IsPrefilled = false;
        }

        return token;
    }

    /// <summary>Appends the tokens of a generated image and the vision end token. Takes ownership of the embeddings.</summary>
    internal void AddImage(Tensor embeddings)
    {
        _pictures.Add((_ids.Count, Options.ImageGrid));
        _ids.AddRange(Enumerable.Repeat(_configuration.ImageTokenId, (int)embeddings.shape[0]));
        _ids.Add(_configuration.VisionEndTokenId);
        _drawn.Add(embeddings.DetachFromDisposeScope());
        EndAtBudget();
        ImagePredicted?.Invoke(_drawn.Count - 1);
    }

    // An image that was begun is finished first.
    private void EndAtBudget()
    {
        if (Finish is null && GeneratedCount >= Budget && !IsPredictingImage)
        {
            Finish = FinishReason.Length;
        }
    }
}
