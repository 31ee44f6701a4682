using System.CommandLine;
using NexusGen.Requests;

namespace NexusGen.Cli.Options;

/// <summary>The options of a reply: its length and the sampling of its tokens.</summary>
internal sealed class ReplyOptions
{
    private readonly Option<int?> _maxNewTokens = OptionOf.Integer(
        "--max-new-tokens",
        "Maximum number of tokens in a reply; an image takes 81 and is always finished. [1024]",
        1, int.MaxValue);
    private readonly Option<double?> _temperature = OptionOf.Number(
        "--temperature",
        "Sampling temperature; 0 selects the most likely token. [the model's]",
        0);
    private readonly Option<int?> _topK = OptionOf.Integer(
        "--top-k",
        "Sample from the K most likely tokens; 0 for all. [the model's]",
        0, int.MaxValue);
    private readonly Option<double?> _topP = OptionOf.Number(
        "--top-p",
        "Sample from the most likely tokens that reach this total probability. [the model's]",
        0, 1);
    private readonly Option<double?> _penalty = OptionOf.Number(
        "--repetition-penalty",
        "Penalty of tokens that have occurred before; 1 disables it. [the model's]",
        0.01, 100);
    private readonly Option<bool> _force = OptionOf.Switch(
        "--force-drawing",
        "Force the reply to begin with an image.");
    private readonly bool _draws;

    /// <summary>Initializes the options.</summary>
    /// <param name="draws">Whether the command expects an image; adds the option that forces one.</param>
    public ReplyOptions(bool draws) => _draws = draws;

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[_maxNewTokens, _temperature, _topK, _topP, _penalty])
        {
            command.Options.Add(option);
        }

        if (_draws)
        {
            command.Options.Add(_force);
        }
    }

    /// <summary>Reads the settings from the command line.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="seed">The seed of the sampling of tokens.</param>
    public ReplySettings Read(ParseResult parsed, ulong? seed) => new()
    {
        MaxNewTokens = parsed.GetValue(_maxNewTokens) ?? new ReplySettings().MaxNewTokens,
        Temperature = parsed.GetValue(_temperature),
        TopK = parsed.GetValue(_topK),
        TopP = parsed.GetValue(_topP),
        RepetitionPenalty = parsed.GetValue(_penalty),
        Seed = seed ?? 0,
        ForceImage = _draws && parsed.GetValue(_force),
    };
}
