using NexusGen.Imaging;
using NexusGen.Torch;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// Writes replies to a batch of prompts, a forward pass at a call. A picture takes ONE pass: its inputs are the learned
/// <c>image_prefill_embeds</c>, all known in advance, and attention is causal, so one pass over them gives exactly what one
/// token after the other gives (prefilled autoregression, section 3 of the paper).
/// </summary>
/// <remarks>A prompt's reply does not depend on what else is in the batch. Not safe for several threads.</remarks>
public sealed class ReplyBatch : IDisposable
{
    private readonly LanguageModel _model;
    private readonly KeyValueCache _cache;
    private readonly ReplySequence[] _sequences;
    private readonly bool _tokenByToken;

    /// <summary>A batch that has not begun.</summary>
    /// <param name="model">The language model.</param>
    /// <param name="prompts">The prompts with how to reply to each.</param>
    /// <param name="tokenByToken">Draw one image token after the other, as the official code does; slower, and equal.</param>
    /// <exception cref="NexusGenException">A prompt does not fit its pictures or the model, or an option is out of range.</exception>
    public ReplyBatch(LanguageModel model, IReadOnlyList<(ReplyPrompt Prompt, ReplyOptions Options)> prompts, bool tokenByToken = false)
    {
        using var scope = NewDisposeScope();
        _model = model;
        _tokenByToken = tokenByToken;
        LanguageModelConfiguration c = model.Configuration;
        if (prompts.Count == 0)
        {
            throw new NexusGenException("There is no prompt to reply to: give at least one.");
        }

        foreach ((ReplyPrompt prompt, ReplyOptions options) in prompts)
        {
            Check(prompt, options, c);
        }

        List<ReplySequence> sequences = [];
        try
        {
            foreach ((ReplyPrompt prompt, ReplyOptions options) in prompts)
            {
                sequences.Add(new ReplySequence(prompt, options, c, sequences.Count));
            }

            long longest = sequences.Max(sequence => sequence.Ids.Count + sequence.Budget + PassLength(c));
            _cache = new KeyValueCache(c, prompts.Count, longest, model.Placement);
        }
        catch
        {
            sequences.ForEach(sequence => sequence.Dispose());
            throw;
        }

        _sequences = [.. sequences];
    }

    /// <summary>A token was written: the row of the batch, and the token. Not raised for the tokens of pictures.</summary>
    public event Action<int, int>? TokenWritten;

    /// <summary>A picture was drawn: the row of the batch, and its number in the reply.</summary>
    public event Action<int, int>? PictureDrawn;

    /// <summary>A reply ended: the row of the batch, and why. Raised after its last token or picture.</summary>
    public event Action<int, FinishReason>? Finished;

    /// <summary>The replies.</summary>
    public IReadOnlyList<ReplySequence> Sequences => _sequences;

    /// <summary>Does the next forward pass.</summary>
    /// <returns>Whether a reply is still going on.</returns>
    public bool Step()
    {
        using var scope = NewDisposeScope();
        ReplySequence[] active = [.. _sequences.Where(sequence => sequence.Finish is null)];
        if (active.FirstOrDefault(sequence => !sequence.IsPrefilled) is { } unread)
        {
            Prefill(unread);
        }
        else if (active.Where(sequence => !sequence.IsDrawing).ToArray() is { Length: > 0 } writing)
        {
            WriteText(writing);
        }
        else if (active.Length > 0)
        {
            DrawPictures([.. active.Where(sequence =>
                sequence.Options.DrawnGrid == active[0].Options.DrawnGrid && sequence.Options.Plain == active[0].Options.Plain)]);
        }

        return _sequences.Any(sequence => sequence.Finish is null);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        foreach (ReplySequence sequence in _sequences)
        {
            sequence.Dispose();
        }
    }

    private static void Check(ReplyPrompt prompt, ReplyOptions options, LanguageModelConfiguration c)
    {
        int merge = c.Vision.SpatialMergeSize;
        RopeIndex.Check(options.DrawnGrid, merge);
        long tokens = options.DrawnGrid.Tokens(merge);
        if (tokens != c.ImageTokens)
        {
            throw new NexusGenException($"A drawn picture of the grid {options.DrawnGrid} has {tokens} tokens, but the model has learned {c.ImageTokens}.");
        }

        if (options.MaxNewTokens < 1)
        {
            throw new NexusGenException($"The longest reply is {options.MaxNewTokens} tokens, but it must be at least 1.");
        }

        bool Strange(int id) => id < 0 || id >= c.VocabSize;
        if (prompt.Ids.FirstOrDefault(Strange) is var strange && Strange(strange))
        {
            throw new NexusGenException($"The prompt has the token {strange}, which is not within the vocabulary of {c.VocabSize}.");
        }

        if (prompt.Ids.Count + 2 + PassLength(c) > c.MaxPositionEmbeddings)
        {
            throw new NexusGenException(
                $"The prompt has {prompt.Ids.Count:N0} tokens, more than the model can read ({c.MaxPositionEmbeddings:N0} with the reply): shorten it.");
        }

        foreach (GridThw grid in prompt.Grids)
        {
            RopeIndex.Check(grid, merge);
        }

        long given = prompt.ImageEmbeddings?.shape[0] ?? 0, expected = prompt.Grids.Sum(grid => grid.Tokens(merge));
        if (given != expected)
        {
            throw new NexusGenException($"The prompt's pictures have {expected} embeddings by their grids, but {given} were given.");
        }

        if (prompt.ImageEmbeddings is { } embeddings && embeddings.shape[1] != c.HiddenSize)
        {
            throw new NexusGenException($"The prompt's picture embeddings are {embeddings.shape[1]} wide, but the model reads {c.HiddenSize}.");
        }
    }

    // The token that begins a picture, its image tokens, the token that ends it.
    internal static int PassLength(LanguageModelConfiguration c) => c.ImageTokens + 2;

    // All tokens but the last of a picture's beginning: that one belongs to the picture's own pass.
    private void Prefill(ReplySequence sequence)
    {
        int length = sequence.Ids.Count - (sequence.IsDrawing ? 1 : 0);
        _cache.Clear(sequence.Slot);
        (long[][] positions, long next) = RopeIndex.Of(length, sequence.Pictures, _model.Configuration.Vision.SpatialMergeSize);
        sequence.NextPosition = next;
        sequence.IsPrefilled = true;
        if (length == 0)
        {
            return;
        }

        Tensor states = Forward(EmbedSequence(sequence, length), Stack([positions]), [sequence]);
        if (!sequence.IsDrawing)
        {
            Continue([sequence], states.select(1, length - 1));
        }
    }

    private void WriteText(ReplySequence[] sequences)
    {
        Device device = _model.Placement.Device;
        Tensor ids = tensor(sequences.Select(sequence => (long)sequence.Ids[^1]).ToArray()).view(-1, 1).to(device);
        Tensor positions = tensor(sequences.Select(sequence => sequence.NextPosition).ToArray()).view(1, -1, 1).expand(3, -1, -1);
        Tensor states = Forward(_model.Embed(ids), positions, sequences);
        foreach (ReplySequence sequence in sequences)
        {
            sequence.NextPosition++;
        }

        Continue(sequences, states.select(1, 0));
    }

    private void DrawPictures(ReplySequence[] sequences)
    {
        LanguageModelConfiguration c = _model.Configuration;
        Device device = _model.Placement.Device;
        long count = c.ImageTokens;
        Tensor ends = _model.Embed(tensor(new long[] { c.VisionStartTokenId, c.VisionEndTokenId }).to(device));
        Tensor inputs = cat([ends.narrow(0, 0, 1), _model.ImagePrefill, ends.narrow(0, 1, 1)], 0).unsqueeze(0).expand(sequences.Length, -1, -1);
        Tensor positions = Stack([.. sequences.Select(PicturePositions)]);
        Tensor states = sequences[0].Options.Plain ? ForwardPlain(ends, positions, sequences)
            : _tokenByToken ? ForwardTokenByToken(inputs, positions, sequences)
            : Forward(inputs, positions, sequences);

        // What stands before an image token predicts it, the token that begins the picture the first one.
        Tensor embeddings = _model.ImageEmbeddings(states.narrow(1, 0, count));
        for (int row = 0; row < sequences.Length; row++)
        {
            sequences[row].Draw(embeddings[row].clone());
            PictureDrawn?.Invoke(sequences[row].Slot, sequences[row].Drawn.Count - 1);
            TellIfFinished(sequences[row]);
        }

        ReplySequence[] going = [.. sequences.Where(sequence => sequence.Finish is null)];
        if (going.Length > 0)
        {
            long[] rows = [.. sequences.Index().Where(item => item.Item.Finish is null).Select(item => (long)item.Index)];
            Continue(going, states.select(1, count + 1).index_select(0, tensor(rows).to(device)));
        }
    }

    // Time, row and column of the pass over a picture; moves the sequence's next position behind it.
    private long[][] PicturePositions(ReplySequence sequence)
    {
        int merge = _model.Configuration.Vision.SpatialMergeSize;
        GridThw grid = sequence.Options.DrawnGrid;
        int count = (int)grid.Tokens(merge);
        long begin = sequence.NextPosition;
        long end = sequence.Positions == PositionMode.Reference ? begin + 1 + count : begin + 1 + RopeIndex.Extent(grid, merge);
        (long[][] positions, _) = RopeIndex.Of(count + 2, [(1, grid)], merge);
        foreach (long[] axis in positions)
        {
            for (int i = 0; i <= count; i++)
            {
                axis[i] += begin;
            }

            axis[count + 1] = end;
        }

        sequence.NextPosition = end + 1;
        return positions;
    }

    private void Continue(ReplySequence[] sequences, Tensor states)
    {
        // The end of a picture is only ever forced.
        Tensor logits = _model.Logits(states).to(ScalarType.Float32, CPU);
        logits.narrow(1, _model.Configuration.VisionEndTokenId, 1).fill_(Scalars.Of(float.NegativeInfinity));
        for (int row = 0; row < sequences.Length; row++)
        {
            int token = sequences[row].Continue(logits[row]);
            TokenWritten?.Invoke(sequences[row].Slot, token);
            TellIfFinished(sequences[row]);
        }
    }

    private void TellIfFinished(ReplySequence sequence)
    {
        if (sequence.Finish is { } reason)
        {
            Finished?.Invoke(sequence.Slot, reason);
        }
    }

    private Tensor Forward(Tensor inputs, Tensor positions, ReplySequence[] sequences) =>
        _model.Forward(inputs, positions, _cache, [.. sequences.Select(sequence => sequence.Slot)]);

    private Tensor ForwardTokenByToken(Tensor inputs, Tensor positions, ReplySequence[] sequences) =>
        cat([.. Enumerable.Range(0, (int)inputs.shape[1]).Select(i => Forward(inputs.narrow(1, i, 1), positions.narrow(2, i, 1), sequences))], 1);

    // Plain autoregression: what was predicted is the next input.
    private Tensor ForwardPlain(Tensor ends, Tensor positions, ReplySequence[] sequences)
    {
        int count = _model.Configuration.ImageTokens;
        Tensor End(int which) => ends.narrow(0, which, 1).unsqueeze(0).expand(sequences.Length, -1, -1);
        List<Tensor> states = [Forward(End(0), positions.narrow(2, 0, 1), sequences)];
        for (int i = 1; i <= count; i++)
        {
            states.Add(Forward(_model.ImageEmbeddings(states[^1]), positions.narrow(2, i, 1), sequences));
        }

        states.Add(Forward(End(1), positions.narrow(2, count + 1, 1), sequences));
        return cat(states, 1);
    }

    // Tokens by the table, read pictures by their embeddings, drawn ones by the learned inputs (plainly drawn ones by their own).
    private Tensor EmbedSequence(ReplySequence sequence, int length)
    {
        LanguageModelConfiguration c = _model.Configuration;
        Tensor ids = tensor(sequence.Ids.Take(length).Select(id => (long)id).ToArray()).to(_model.Placement.Device);
        Tensor embedded = _model.Embed(ids);
        long read = 0;
        int number = 0;
        foreach ((int start, GridThw grid) in sequence.Pictures)
        {
            long count = grid.Tokens(c.Vision.SpatialMergeSize);
            bool drawn = number++ >= sequence.Prompt.Grids.Count;
            int mine = number - 1 - sequence.Prompt.Grids.Count;
            Tensor picture = !drawn ? sequence.Prompt.ImageEmbeddings!.narrow(0, read, count)
                : sequence.Options.Plain ? sequence.Drawn[mine]
                : _model.ImagePrefill;
            read += drawn ? 0 : count;
            embedded.narrow(0, start, count).copy_(picture);
        }

        return embedded.unsqueeze(0);
    }

    // [3, rows, length].
    private static Tensor Stack(long[][][] rows) =>
        stack([.. Enumerable.Range(0, 3).Select(axis => stack([.. rows.Select(row => tensor(row[axis]))], 0))], 0);
}
