using NexusGen.Core;

namespace NexusGen.Autoregressive;

/// <summary>How a model wants its replies sampled (<c>generation_config.json</c>).</summary>
public sealed record GenerationConfiguration
{
    /// <summary>The tokens that end a reply.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [151645, 151643];

    /// <summary>How tokens are chosen.</summary>
    public SamplingOptions Sampling { get; init; } = new() { Temperature = 1e-6, TopK = 50, RepetitionPenalty = 1.05 };

    /// <summary>Reads a model folder's <c>generation_config.json</c>; the library's defaults where a field is missing.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="NexusGenException">It can't be read, or a value is of another kind.</exception>
    public static GenerationConfiguration Read(string path)
    {
        JsonFields json = JsonFields.Open(path);
        bool sample = json.Flag("do_sample", false);
        return new GenerationConfiguration
        {
            EosTokenIds = json.Numbers("eos_token_id", new GenerationConfiguration().EosTokenIds),
            Sampling = new SamplingOptions
            {
                Temperature = sample ? json.Real("temperature", 1) : 0,
                TopK = json.Size("top_k", 50),
                TopP = json.Real("top_p", 1),
                RepetitionPenalty = json.Real("repetition_penalty", 1),
            },
        };
    }
}
