using NexusGen.Imaging;
using static TorchSharp.torch;

namespace NexusGen.Autoregressive;

/// <summary>
/// The forward passes that generation consists of: prefill of a prompt, decode of one token, prediction of an image.
/// </summary>
/// <param name="model">The language model.</param>
/// <param name="cache">The key-value cache, in which each sequence has its slot.</param>
/// <param name="tokenByToken">Whether image tokens are computed one after the other, as the official code does.</param>
internal sealed class ForwardPasses(LanguageModel model, KeyValueCache cache, bool tokenByToken)
{
    /// <summary>
    /// Runs the prefill of a sequence. If the last token begins an image, it is left out, because it belongs to the pass of the
    /// image.
    /// </summary>
    /// <returns>The state that the next token is predicted from, [1, width], or null if an image comes next.</returns>
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

    /// <summary>Runs one forward pass over the last token of each sequence.</summary>
    /// <returns>The states that the next tokens are predicted from, [rows, width].</returns>
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

    /// <summary>
    /// Predicts one image for each sequence. All sequences must have the same image grid and the same
    /// <see cref="GenerationOptions.Plain"/>.
    /// </summary>
    /// <returns>
    /// The embeddings of the images, [rows, tokens, width], and the states that the tokens after the images are predicted from,
    /// [rows, width].
    /// </returns>
    public (Tensor Embeddings, Tensor States) PredictImages(GenerationSequence[] sequences)
    {
        LanguageModelConfiguration c = model.Configuration;
        Device device = model.Placement.Device;
        long count = c.ImageTokens;
        Tensor ends = model.Embed(tensor(new long[] { c.VisionStartTokenId, c.VisionEndTokenId }).to(device));
        Tensor inputs = cat([ends.narrow(0, 0, 1), model.ImagePrefill, ends.narrow(0, 1, 1)], 0)
            .unsqueeze(0).expand(sequences.Length, -1, -1);
        Tensor positions = Stack([.. sequences.Select(ImagePositions)]);
        Tensor states = sequences[0].Options.Plain ? ForwardPlain(ends, positions, sequences)
            : tokenByToken ? ForwardTokenByToken(inputs, positions, sequences)
            : Forward(inputs, positions, sequences);

        // The state at each position predicts the next image token: the state at the vision start token predicts the first one.
        return (model.ImageEmbeddings(states.narrow(1, 0, count)), states.select(1, count + 1));
    }

    // The positions (time, row, column) of the pass over an image. Moves the sequence's next position behind the image.
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
        cat(
            [
                .. Enumerable.Range(0, (int)inputs.shape[1])
                    .Select(i => Forward(inputs.narrow(1, i, 1), positions.narrow(2, i, 1), sequences))
            ],
            1);

    // Plain autoregression: each predicted embedding is the next input.
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

    // Text tokens use the embedding table and images of the prompt their own embeddings. Generated images use the learned inputs,
    // as in their own pass; with plain autoregression they use the predicted embeddings.
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

    // Returns [3, rows, length].
    private static Tensor Stack(long[][][] rows) =>
        stack([.. Enumerable.Range(0, 3).Select(axis => stack([.. rows.Select(row => tensor(row[axis]))], 0))], 0);
}
