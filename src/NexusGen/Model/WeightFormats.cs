using System.Diagnostics.CodeAnalysis;
using NexusGen.Weights.Modules;

namespace NexusGen.Model;

/// <summary>
/// The storage formats of the linear layers of a model's components. Layers whose bits decide more than they save keep the
/// precision of the model: norms, embeddings, the vision encoder, the adapter and the merger, and the first and last layers of
/// FLUX.
/// </summary>
public sealed record WeightFormats
{
    private const string Decoder = "decoder", Language = "language-model", Text = "text-encoder";

    private static readonly LinearFormat[] Known =
        [DenseFormat.Instance, DenseFormat.Float8, Int8Format.Instance, BlockedFormat.Int4, BlockedFormat.Stored];

    /// <summary>Gets the format of the FLUX transformers of both decoders.</summary>
    public LinearFormat Decoders { get; init; } = DenseFormat.Instance;

    /// <summary>Gets the format of the language model.</summary>
    public LinearFormat LanguageModel { get; init; } = DenseFormat.Instance;

    /// <summary>Gets the format of T5, which is loaded for negative prompts only.</summary>
    public LinearFormat TextEncoders { get; init; } = DenseFormat.Instance;

    /// <summary>Gets plain matrices in the precision of the model for all components.</summary>
    public static WeightFormats Dense { get; } = new();

    /// <summary>Gets the words that <see cref="TryParse"/> accepts, for messages.</summary>
    public static string Words =>
        $"{Join(Known.Select(format => format.Name))}, or formats of components, such as {Decoder}=int4,{Language}=int8 "
        + $"(components: {Decoder}, {Language}, {Text})";

    /// <summary>Gets what each word for all components means, the widest first.</summary>
    internal static IEnumerable<WeightFormats> Choices => Known.Select(Named);

    /// <summary>Returns one format for all components.</summary>
    /// <param name="format">The format.</param>
    public static WeightFormats Of(LinearFormat format) =>
        new() { Decoders = format, LanguageModel = format, TextEncoders = format };

    /// <summary>
    /// Reads formats: a word, for all components (<c>fp8</c> for the decoders only, as in the official code), or words of
    /// components, <c>decoder=int4,language-model=int8</c>; components that are not named are dense.
    /// </summary>
    /// <param name="text">The text; upper and lower case are the same.</param>
    /// <param name="formats">The formats.</param>
    /// <returns>Whether the text names formats.</returns>
    public static bool TryParse(string text, [NotNullWhen(true)] out WeightFormats? formats)
    {
        ArgumentNullException.ThrowIfNull(text);
        formats = null;
        if (Find(text) is { } all)
        {
            formats = Named(all);
            return true;
        }

        WeightFormats read = Dense;
        HashSet<string> named = [];
        foreach (string part in text.ToLowerInvariant().Split(','))
        {
            if (part.Split('=') is not [var component, var word] || Find(word) is not { } format || !named.Add(component.Trim()))
            {
                return false;
            }

            switch (component.Trim())
            {
                case Decoder:
                    read = read with { Decoders = format };
                    break;
                case Language:
                    read = read with { LanguageModel = format };
                    break;
                case Text:
                    read = read with { TextEncoders = format };
                    break;
                default:
                    return false;
            }
        }

        formats = read;
        return true;
    }

    /// <summary>Returns the formats in the form that <see cref="TryParse"/> reads.</summary>
    public override string ToString()
    {
        return this == Named(Decoders)
            ? Decoders.Name
            : $"{Decoder}={Decoders.Name},{Language}={LanguageModel.Name},{Text}={TextEncoders.Name}";
    }

    // The official code has fp8 for the decoders only.
    private static WeightFormats Named(LinearFormat word) =>
        word == DenseFormat.Float8 ? Dense with { Decoders = word } : Of(word);

    private static LinearFormat? Find(string word) =>
        Array.Find(Known, format => format.Name.Equals(word.Trim(), StringComparison.OrdinalIgnoreCase));

    private static string Join(IEnumerable<string> words) => string.Join(", ", words);
}
