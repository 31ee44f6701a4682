using NexusGen.Core;
using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>One reply on its way: the tokens so far, the pictures drawn, and what comes next.</summary>
public sealed class ReplySequence : IDisposable
{
    private readonly int _promptLength;
    private readonly List<int> _ids;
    private readonly List<(int Start, GridThw Grid)> _pictures;
    private readonly List<Tensor> _drawn = [];
    private readonly TokenSampler _sampler;
    private readonly LanguageModelConfiguration _configuration;

    internal ReplySequence(ReplyPrompt prompt, ReplyOptions options, LanguageModelConfiguration configuration, int slot)
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
        Budget = Math.Min(options.MaxNewTokens, configuration.MaxPositionEmbeddings - _promptLength - 1 - ReplyBatch.PassLength(configuration));
        _pictures = RopeIndex.FindPictures(_ids, prompt.Grids, configuration.ImageTokenId, Merge);
        _sampler = new TokenSampler(options.Sampling);
        Prompt = prompt with { ImageEmbeddings = prompt.ImageEmbeddings?.alias().DetachFromDisposeScope() };
        if (options.ForceDrawing && _ids[^1] != configuration.VisionStartTokenId)
        {
            _ids.Add(configuration.VisionStartTokenId);
        }

        Need = _ids.Count + Budget + ReplyBatch.PassLength(configuration);
    }

    /// <summary>A token was written; not raised for those of pictures.</summary>
    internal event Action<int>? TokenWritten;

    /// <summary>A picture was drawn: its number in the reply.</summary>
    internal event Action<int>? PictureDrawn;

    /// <summary>The tokens of the reply so far.</summary>
    public IReadOnlyList<int> GeneratedIds => _ids.GetRange(_promptLength, _ids.Count - _promptLength);

    /// <summary>How many tokens the reply has so far.</summary>
    public int GeneratedCount => _ids.Count - _promptLength;

    /// <summary>The pictures drawn so far: their embeddings, [tokens, width]; owned by this object.</summary>
    public IReadOnlyList<Tensor> Drawn => _drawn;

    /// <summary>Why it ended; null while it goes on.</summary>
    public FinishReason? Finish { get; private set; }

    internal ReplyPrompt Prompt { get; }

    internal ReplyOptions Options { get; }

    /// <summary>Its place in the cache.</summary>
    internal int Slot { get; set; }

    /// <summary>The number of the batch's last pass that it took part in, or was added after.</summary>
    internal long LastPass { get; set; }

    /// <summary>What went wrong with it in an open batch; null where nothing did.</summary>
    internal Exception? Fault { get; set; }

    /// <summary>Whether there is more to compute for it.</summary>
    internal bool IsGoing => Finish is null && Fault is null;

    /// <summary>How many tokens it may have in all, prompt included: what is set aside for it.</summary>
    internal long Need { get; }

    /// <summary>How many tokens it may have: what is allowed, and what the model's positions leave, a last picture included.</summary>
    internal int Budget { get; }

    internal PositionMode Positions { get; private set; }

    /// <summary>All tokens, prompt and reply.</summary>
    internal IReadOnlyList<int> Ids => _ids;

    /// <summary>All pictures, read and drawn.</summary>
    internal IReadOnlyList<(int Start, GridThw Grid)> Pictures => _pictures;

    /// <summary>The position of the next token.</summary>
    internal long NextPosition { get; set; }

    /// <summary>Whether the tokens so far, but for the last, are in the cache.</summary>
    internal bool IsPrefilled { get; set; }

    /// <summary>Whether the last token begins a picture that is not drawn yet.</summary>
    internal bool IsDrawing => Finish is null && _ids[^1] == _configuration.VisionStartTokenId;

    /// <summary>Whether the next passes of both can be one.</summary>
    internal bool IsLike(ReplySequence other) => IsDrawing
        ? other.IsDrawing && Options.DrawnGrid == other.Options.DrawnGrid && Options.Plain == other.Options.Plain
        : !other.IsDrawing;

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

    /// <summary>Chooses and appends the next token.</summary>
    /// <returns>The token.</returns>
    internal int Continue(Tensor logits)
    {
        int token = _sampler.Next(logits, _ids);
        _ids.Add(token);
        if (Options.EosTokenIds.Contains(token))
        {
            Finish = FinishReason.EndOfReply;
        }
        else if (!IsDrawing && Options.StopWhen?.Invoke(GeneratedIds) == true)
        {
            Finish = FinishReason.StopSequence;
        }

        EndAtBudget();
        if (IsDrawing && _drawn.Count > 0 && Positions == PositionMode.Reference)
        {
            // The official code can't go on from here. From now on all positions are training's, also those of the tokens
            // so far, which are therefore read anew.
            Positions = PositionMode.Training;
            IsPrefilled = false;
        }

        TokenWritten?.Invoke(token);
        return token;
    }

    /// <summary>Appends a drawn picture and its end.</summary>
    internal void Draw(Tensor embeddings)
    {
        _pictures.Add((_ids.Count, Options.DrawnGrid));
        _ids.AddRange(Enumerable.Repeat(_configuration.ImageTokenId, (int)embeddings.shape[0]));
        _ids.Add(_configuration.VisionEndTokenId);
        _drawn.Add(embeddings.DetachFromDisposeScope());
        EndAtBudget();
        PictureDrawn?.Invoke(_drawn.Count - 1);
    }

    // A picture that was begun is finished first.
    private void EndAtBudget()
    {
        if (Finish is null && GeneratedCount >= Budget && !IsDrawing)
        {
            Finish = FinishReason.Length;
        }
    }
}
