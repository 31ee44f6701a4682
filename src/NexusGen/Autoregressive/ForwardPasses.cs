using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>The forward passes of replies: over a prompt, a token each, a picture each.</summary>
/// <param name="model">The language model.</param>
/// <param name="cache">Keys and values; each sequence has its slot.</param>
/// <param name="tokenByToken">Draw one image token after the other, as the official code does.</param>
internal sealed class ForwardPasses(LanguageModel model, KeyValueCache cache, bool tokenByToken)
{
    /// <summary>Reads all tokens but the last of a picture's beginning: that one belongs to the picture's own pass.</summary>
    /// <returns>[1, width], what the next token is chosen by; null where a picture comes next.</returns>
    public Tensor? Prefill(GenerationSequence sequence)
    {
        int length = sequence.Ids.Count - (sequence.IsPredictingImage ? 1 : 0);
        cache.Clear(sequence.Slot);
        (long[][] positions, long next) = RopeIndex.Of(length, sequence.Images, model.Configuration.Vision.SpatialMergeSize);
        sequence.NextPosition = next;
        sequence.IsPrefilled = true;
        if (length == 0)
        {
            return null;
        }

        Tensor states = Forward(EmbedSequence(sequence, length), Stack([positions]), [sequence]);
        return sequence.IsPredictingImage ? null : states.select(1, length - 1);
    }

    /// <summary>Reads the last token of each.</summary>
    /// <returns>[rows, width], what the next tokens are chosen by.</returns>
    public Tensor Decode(GenerationSequence[] sequences)
    {
        Device device = model.Placement.Device;
        Tensor ids = tensor(sequences.Select(sequence => (long)sequence.Ids[^1]).ToArray()).view(-1, 1).to(device);
        Tensor positions = tensor(sequences.Select(sequence => sequence.NextPosition).ToArray()).view(1, -1, 1).expand(3, -1, -1);
        Tensor states = Forward(model.Embed(ids), positions, sequences);
        foreach (GenerationSequence sequence in sequences)
        {
            sequence.NextPosition++;
        }

        return states.select(1, 0);
    }

    /// <summary>Draws a picture each; all have the same grid and way of drawing.</summary>
    /// <returns>The pictures' embeddings, [rows, tokens, width]; and [rows, width], what the tokens behind them are chosen by.</returns>
    public (Tensor Embeddings, Tensor States) PredictImages(GenerationSequence[] sequences)
    {
        LanguageModelConfiguration c = model.Configuration;
        Device device = model.Placement.Device;
        long count = c.ImageTokens;
        Tensor ends = model.Embed(tensor(new long[] { c.VisionStartTokenId, c.VisionEndTokenId }).to(device));
        Tensor inputs = cat([ends.narrow(0, 0, 1), model.ImagePrefill, ends.narrow(0, 1, 1)], 0).unsqueeze(0).expand(sequences.Length, -1, -1);
        Tensor positions = Stack([.. sequences.Select(ImagePositions)]);
        Tensor states = sequences[0].Options.Plain ? ForwardPlain(ends, positions, sequences)
            : tokenByToken ? ForwardTokenByToken(inputs, positions, sequences)
            : Forward(inputs, positions, sequences);

        // What stands before an image token predicts it, the token that begins the picture the first one.
        return (model.ImageEmbeddings(states.narrow(1, 0, count)), states.select(1, count + 1));
    }

    // Time, row and column of the pass over a picture; moves the sequence's next position behind it.
    private long[][] ImagePositions(GenerationSequence sequence)
    {
        int merge = model.Configuration.Vision.SpatialMergeSize;
        GridThw grid = sequence.Options.ImageGrid;
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

    private Tensor Forward(Tensor inputs, Tensor positions, GenerationSequence[] sequences) =>
        model.Forward(inputs, positions, cache, [.. sequences.Select(sequence => sequence.Slot)]);

    private Tensor ForwardTokenByToken(Tensor inputs, Tensor positions, GenerationSequence[] sequences) =>
        cat([.. Enumerable.Range(0, (int)inputs.shape[1]).Select(i => Forward(inputs.narrow(1, i, 1), positions.narrow(2, i, 1), sequences))], 1);

    // Plain autoregression: what was predicted is the next input.
    private Tensor ForwardPlain(Tensor ends, Tensor positions, GenerationSequence[] sequences)
    {
        int count = model.Configuration.ImageTokens;
        Tensor End(int which) => ends.narrow(0, which, 1).unsqueeze(0).expand(sequences.Length, -1, -1);
        List<Tensor> states = [Forward(End(0), positions.narrow(2, 0, 1), sequences)];
        for (int i = 1; i <= count; i++)
        {
            states.Add(Forward(model.ImageEmbeddings(states[^1]), positions.narrow(2, i, 1), sequences));
        }

        states.Add(Forward(End(1), positions.narrow(2, count + 1, 1), sequences));
        return cat(states, 1);
    }

    // Tokens by the table, read pictures by their embeddings, drawn ones by the learned inputs (plainly drawn ones by their own).
    private Tensor EmbedSequence(GenerationSequence sequence, int length)
    {
        LanguageModelConfiguration c = model.Configuration;
        Tensor ids = tensor(sequence.Ids.Take(length).Select(id => (long)id).ToArray()).to(model.Placement.Device);
        Tensor embedded = model.Embed(ids);
        long read = 0;
        int number = 0;
        foreach ((int start, GridThw grid) in sequence.Images)
        {
            long count = grid.Tokens(c.Vision.SpatialMergeSize);
            bool drawn = number++ >= sequence.Prompt.Grids.Count;
            int mine = number - 1 - sequence.Prompt.Grids.Count;
            Tensor picture = !drawn ? sequence.Prompt.ImageEmbeddings!.narrow(0, read, count)
                : sequence.Options.Plain ? sequence.ImageEmbeddings[mine]
                : model.ImagePrefill;
            read += drawn ? 0 : count;
            embedded.narrow(0, start, count).copy_(picture);
        }

        return embedded.unsqueeze(0);
    }

    // [3, rows, length].
    private static Tensor Stack(long[][][] rows) =>
        stack([.. Enumerable.Range(0, 3).Select(axis => stack([.. rows.Select(row => tensor(row[axis]))], 0))], 0);
}
