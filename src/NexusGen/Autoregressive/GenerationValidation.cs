using NexusGen.Core;
using NexusGen.Imaging;

namespace NexusGen.Autoregressive;

/// <summary>Checks prompts before anything is computed.</summary>
internal static class GenerationValidation
{
    /// <summary>Checks that a prompt fits its images and the model, and that the options fit the model.</summary>
    /// <exception cref="NexusGenException">Something does not fit; the message names it.</exception>
    public static void Check(TokenizedPrompt prompt, GenerationOptions options, LanguageModelConfiguration c)
    {
        int merge = c.Vision.SpatialMergeSize;
        RopeIndex.Check(options.ImageGrid, merge);
        long tokens = options.ImageGrid.Tokens(merge);
        if (tokens != c.ImageTokens)
        {
            throw new NexusGenException(
                $"A drawn picture of the grid {options.ImageGrid} has {tokens} tokens, "
                + $"but the model has learned {c.ImageTokens}.");
        }

        if (options.MaxNewTokens < 1)
        {
            throw new NexusGenException($"The longest reply is {options.MaxNewTokens} tokens, but it must be at least 1.");
        }

        bool Strange(int id) => id < 0 || id >= c.VocabSize;
        if (prompt.Ids.FirstOrDefault(Strange) is var strange && Strange(strange))
        {
            throw new NexusGenException(
                $"The prompt has the token {strange}, which is not within the vocabulary of {c.VocabSize}.");
        }

        CheckLength(prompt.Ids.Count, c);
        foreach (GridThw grid in prompt.Grids)
        {
            RopeIndex.Check(grid, merge);
        }

        long given = prompt.ImageEmbeddings?.shape[0] ?? 0, expected = prompt.Grids.Sum(grid => grid.Tokens(merge));
        if (given != expected)
        {
            throw new NexusGenException(
                $"The prompt's pictures have {expected} embeddings by their grids, but {given} were given.");
        }

        if (prompt.ImageEmbeddings is { } embeddings && embeddings.shape[1] != c.HiddenSize)
        {
            throw new NexusGenException(
                $"The prompt's picture embeddings are {embeddings.shape[1]} wide, but the model reads {c.HiddenSize}.");
        }
    }

    /// <summary>Gets the largest number of tokens of a prompt: the shortest reply, which can be an image, must fit too.</summary>
    public static int MaxPromptTokens(LanguageModelConfiguration c) =>
        c.MaxPositionEmbeddings - 2 - GenerationBatch.PassLength(c);

    /// <summary>Checks that the model can read a prompt of a length.</summary>
    /// <exception cref="ContextLengthException">It can't.</exception>
    public static void CheckLength(int tokens, LanguageModelConfiguration c)
    {
        if (tokens > MaxPromptTokens(c))
        {
            // The words of OpenAI's servers, which some clients look for.
            throw new ContextLengthException(
                $"This model's maximum context length is {c.MaxPositionEmbeddings:N0} tokens with the reply, but the prompt has "
                + $"{tokens:N0} tokens: shorten it.");
        }
    }
}
