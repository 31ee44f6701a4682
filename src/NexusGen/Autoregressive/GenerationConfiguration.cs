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
    /// Reads the settings of a model folder. A missing field has the default of the transformers library. Without the file,
    /// <c>config.json</c> is read instead, which can hold the same fields. The end tokens are those of
    /// <c>generation_config.json</c>, or else of <c>config.json</c>, or else of Qwen2.5.
    /// </summary>
    /// <param name="folder">The folder with <c>config.json</c> and possibly <c>generation_config.json</c>.</param>
    /// <exception cref="NexusGenException">A file can't be read, or a value has another type.</exception>
    public static GenerationConfiguration Read(string folder)
    {
        string path = Path.Combine(folder, "generation_config.json");
        JsonFields model = LanguageModelConfiguration.TextFields(Path.Combine(folder, "config.json"));
        JsonFields json = File.Exists(path) ? JsonFields.Open(path) : model;
        IReadOnlyList<int> ends = json.Numbers("eos_token_id", []);
        bool sample = json.Flag("do_sample", false);
        return new GenerationConfiguration
        {
            EosTokenIds = ends.Count > 0 ? ends : model.Numbers("eos_token_id", new GenerationConfiguration().EosTokenIds),
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
