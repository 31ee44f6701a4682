using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.RegularExpressions;
using NexusGen.Core;
using NexusGen.Model;

namespace NexusGen.Cli.Options;

/// <summary>
/// Creates options that validate their values and say in one sentence what they accept. No option has a default value.
/// </summary>
internal static partial class OptionOf
{
    /// <summary>Creates the option that reads weights instead of mapping them.</summary>
    public static Option<bool> NoMapping() => new("--no-mmap")
    {
        Description = "Read weights instead of mapping them into memory; for files on network storage.",
        Arity = ArgumentArity.Zero,
    };

    /// <summary>Creates the option for the storage formats of weights.</summary>
    public static Option<WeightFormats?> Weights() => new("--weights")
    {
        Description = "Storage format of the linear layers: dense, fp8 (the decoders only; half of bfloat16's memory), int8 "
            + "(half, and faster), int4 (somewhat more than a quarter), stored (blocks of GGUF files as they are); or formats of "
            + "components, as in decoder=int4,language-model=int8. [dense]",
        HelpName = "FORMAT",
        CustomParser = result => WeightFormats.TryParse(Word(result), out WeightFormats? formats)
            ? formats
            : Refuse<WeightFormats?>(result, WeightFormats.Words),
    };

    /// <summary>Creates an option for an integer.</summary>
    public static Option<int?> Integer(string name, string description, int least, int most, params string[] aliases) =>
        new(name, aliases)
        {
            Description = description,
            HelpName = "N",
            CustomParser = result =>
                int.TryParse(Word(result), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
                    && value >= least
                    && value <= most
                    ? value
                    : Refuse<int?>(
                        result,
                        most == int.MaxValue ? $"an integer of at least {least}" : $"an integer from {least} to {most}"),
        };

    /// <summary>Creates an option for a floating-point number.</summary>
    public static Option<double?> Number(
        string name, string description, double least, double most = double.MaxValue, params string[] aliases) =>
        new(name, aliases)
        {
            Description = description,
            HelpName = "X",
            CustomParser = result =>
                double.TryParse(Word(result), NumberStyles.Float, CultureInfo.InvariantCulture, out double value)
                    && value >= least
                    && value <= most
                    ? value
                    : Refuse<double?>(
                        result,
                        FormattableString.Invariant(most == double.MaxValue
                            ? $"a number of at least {least}"
                            : (FormattableString)$"a number from {least} to {most}")),
        };

    /// <summary>Creates the option for the device that computes.</summary>
    public static Option<string?> Device() => new("--device")
    {
        Description = "Device: cpu, cuda, cuda:1 or mps. [cpu]",
        HelpName = "NAME",
        CustomParser = result => DeviceName().IsMatch(Word(result))
            ? Word(result)
            : Refuse<string?>(result, "cpu, cuda, cuda:1 or mps"),
    };

    /// <summary>Creates an option for a random seed.</summary>
    public static Option<ulong?> Seed(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "N|random",
        CustomParser = result => ReadSeed(Word(result)) ?? Refuse<ulong?>(result, SeedRange),
    };

    /// <summary>What a seed may be.</summary>
    public static string SeedRange => $"an integer from 0 to {ulong.MaxValue}, or {RandomSeed.Word}";

    /// <summary>Reads a seed, or draws a random one for <c>random</c> and −1. Returns null if the text is neither.</summary>
    public static ulong? ReadSeed(string text) =>
        IsRandom(text) ? RandomSeed.Next()
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out ulong value) ? value
        : null;

    /// <summary>Returns the seeds that were drawn for the command line, in the form that repeats the run.</summary>
    public static IEnumerable<string> DrawnSeeds(ParseResult parsed) =>
        parsed.CommandResult.Command.Options.OfType<Option<ulong?>>()
            .Where(option => parsed.GetResult(option)?.Tokens is [{ Value: string word }, ..] && IsRandom(word))
            .Select(option => string.Create(CultureInfo.InvariantCulture, $"{option.Name} {parsed.GetValue(option)}"));

    private static bool IsRandom(string text) =>
        text == RandomSeed.Number.ToString(CultureInfo.InvariantCulture)
        || string.Equals(text, RandomSeed.Word, StringComparison.OrdinalIgnoreCase);

    /// <summary>Creates an option for one of a few words, whose values are objects.</summary>
    public static Option<T?> Choice<T>(string name, string description, params (string Word, T Value)[] choices)
        where T : class =>
        new(name)
        {
            Description = description,
            HelpName = string.Join('|', choices.Select(choice => choice.Word)),
            CustomParser = result => Chosen(result, choices, out T? value) ? value : null,
        };

    /// <summary>Creates an option for one of a few words, whose values are of a value type such as an enumeration.</summary>
    public static Option<T?> ValueChoice<T>(string name, string description, params (string Word, T Value)[] choices)
        where T : struct =>
        new(name)
        {
            Description = description,
            HelpName = string.Join('|', choices.Select(choice => choice.Word)),
            CustomParser = result => Chosen(result, choices, out T value) ? value : null,
        };

    /// <summary>Creates an option for a memory size.</summary>
    public static Option<long?> Bytes(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "SIZE",
        CustomParser = result => ByteSize.TryParse(Word(result), out long value)
            ? value
            : Refuse<long?>(result, "a size such as 12GB, 8GiB or 900MB"),
    };

    /// <summary>Creates an option for a path or a text that is not empty.</summary>
    public static Option<string?> Text(string name, string description, string helpName, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName, CustomParser = result => NotEmpty(result, name) };

    /// <summary>Creates an option for a text that may be empty.</summary>
    public static Option<string?> AnyText(string name, string description, string helpName, params string[] aliases) =>
        new(name, aliases) { Description = description, HelpName = helpName };

    /// <summary>Creates a switch.</summary>
    public static Option<bool> Switch(string name, string description, params string[] aliases) =>
        new(name, aliases) { Description = description, Arity = ArgumentArity.Zero };

    private static bool Chosen<T>(ArgumentResult result, (string Word, T Value)[] choices, out T? value)
    {
        foreach ((string word, T choice) in choices)
        {
            if (string.Equals(word, Word(result), StringComparison.OrdinalIgnoreCase))
            {
                value = choice;
                return true;
            }
        }

        string[] words = [.. choices.Select(choice => choice.Word)];
        value = Refuse<T>(result, $"{string.Join(", ", words[..^1])} or {words[^1]}");
        return false;
    }

    private static string? NotEmpty(ArgumentResult result, string name)
    {
        if (string.IsNullOrWhiteSpace(Word(result)))
        {
            result.AddError($"{name} must not be empty.");
        }

        return Word(result);
    }

    private static string Word(ArgumentResult result) => result.Tokens is [{ Value: string word }, ..] ? word : "";

    private static T? Refuse<T>(ArgumentResult result, string expected)
    {
        string name = (result.Parent as OptionResult)?.Option.Name ?? result.Argument.Name;
        string word = Word(result);
        result.AddError($"{name} must be {expected}, not '{(word.Length > 40 ? word[..40] + "…" : word)}'.");
        return default;
    }

    [GeneratedRegex("^(cpu|mps|cuda(:[0-9]{1,3})?)$")]
    private static partial Regex DeviceName();
}
