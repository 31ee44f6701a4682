using System.Text.Json;
using NexusGen.Core;

namespace NexusGen.Verification;

/// <summary>The largest allowed deviation of a result from the expected one.</summary>
/// <param name="Relative">
/// For floating-point tensors and numbers: the largest difference divided by the largest expected magnitude, or null if they must
/// be equal.
/// </param>
/// <param name="Levels">For images: the largest difference of a pixel value, of 255 levels; 0 if they must be equal.</param>
public sealed record Tolerance(double? Relative, int Levels)
{
    /// <summary>Gets the tolerance that requires equal results.</summary>
    public static Tolerance Exact { get; } = new(null, 0);

    /// <summary>
    /// Reads the <c>tolerance</c> of a case: <c>"exact"</c>, or an object with <c>relative</c> and <c>levels</c>.
    /// </summary>
    /// <param name="json">The value.</param>
    /// <exception cref="NexusGenException">The value is neither.</exception>
    public static Tolerance Read(JsonElement json)
    {
        if (json.ValueKind == JsonValueKind.String && json.GetString() == "exact")
        {
            return Exact;
        }

        if (json.ValueKind != JsonValueKind.Object)
        {
            throw new NexusGenException(
                $"The tolerance {json.GetRawText()} is neither \"exact\" nor an object with relative and levels.");
        }

        double? relative = json.TryGetProperty("relative", out JsonElement r) ? r.GetDouble() : null;
        int levels = json.TryGetProperty("levels", out JsonElement l) ? l.GetInt32() : 0;
        return new Tolerance(relative, levels);
    }
}
