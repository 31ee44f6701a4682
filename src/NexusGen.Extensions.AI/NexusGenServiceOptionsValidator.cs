using Microsoft.Extensions.Options;
using NexusGen.Core;
using NexusGen.Model;

namespace NexusGen.Extensions.AI;

/// <summary>
/// Validates the options when the application starts. A missing model is reported then, not at the first request.
/// </summary>
internal sealed class NexusGenServiceOptionsValidator : IValidateOptions<NexusGenServiceOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, NexusGenServiceOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Model))
        {
            return ValidateOptionsResult.Fail("NexusGen: Model is missing; name the model's folder.");
        }

        if (options.MemoryBudget is <= 0)
        {
            return ValidateOptionsResult.Fail($"NexusGen: MemoryBudget must be above 0, not {options.MemoryBudget}.");
        }

        if (!WeightFormats.TryParse(options.Weights, out _))
        {
            return ValidateOptionsResult.Fail($"NexusGen: Weights is \"{options.Weights}\"; there are {WeightFormats.Words}.");
        }

        try
        {
            ModelPaths paths = ModelPaths.Find(options.Model);
            return File.Exists(Path.Combine(paths.LanguageModel, "config.json"))
                ? ValidateOptionsResult.Success
                : ValidateOptionsResult.Fail(
                    $"NexusGen: {options.Model} holds no model "
                    + $"(there is no {Path.Combine(paths.LanguageModel, "config.json")}).");
        }
        catch (NexusGenException e)
        {
            return ValidateOptionsResult.Fail($"NexusGen: {e.Message}");
        }
    }
}
