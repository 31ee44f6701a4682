using NexusGen.Core;

namespace NexusGen.Autoregressive;

/// <summary>The model's defaults for generation (<c>generation_config.json</c>).</summary>
internal sealed record GenerationConfiguration
{
    /// <summary>The tokens that end a reply.</summary>
    public IReadOnlyList<int> EosTokenIds { get; init; } = [151645, 151643];

    /// <summary>How the next token is sampled.</summary>
    public SamplingOptions Sampling { get; init; } = new() { Temperature = 1e-6, TopK = 50, RepetitionPenalty = 1.05 };

    /// <summary>
    /// Reads <c>generation_config.json</c>. A missing field has the default of the transformers library; missing end tokens are
    /// those of Qwen2.5.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="NexusGenException">The file can't be read, or a value has another type.</exception>
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
