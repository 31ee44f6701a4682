using System.CommandLine;
using NexusGen.Requests;

namespace NexusGen.Cli.Options;

/// <summary>How a reply is written.</summary>
internal sealed class ReplyOptions
{
    private readonly Option<int?> _maxNewTokens = OptionOf.Whole(
        "--max-new-tokens",
        "The longest reply in tokens; a picture takes 81 and is always finished. [1024]",
        1, int.MaxValue);
    private readonly Option<double?> _temperature = OptionOf.Number(
        "--temperature",
        "Sampling temperature; 0 takes the likeliest token. [the model's]",
        0);
    private readonly Option<int?> _topK = OptionOf.Whole(
        "--top-k",
        "Draw from the K likeliest tokens; 0 for all. [the model's]",
        0, int.MaxValue);
    private readonly Option<double?> _topP = OptionOf.Number(
        "--top-p",
        "Draw from the likeliest tokens that reach this probability. [the model's]",
        0, 1);
    private readonly Option<double?> _penalty = OptionOf.Number(
        "--repetition-penalty",
        "Make tokens that have occurred less likely; 1 does not. [the model's]",
        0.01, 100);
    private readonly Option<bool> _force = OptionOf.Switch(
        "--force-drawing",
        "Begin the reply with a picture, whatever the model would have said.");
    private readonly bool _draws;

    /// <summary>The options.</summary>
    /// <param name="draws">Whether a picture is wanted, so that it may be forced.</param>
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

    /// <summary>The settings that the command line gives.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="seed">The seed of the sampling.</param>
    public ReplySettings Read(ParseResult parsed, ulong? seed) => new()
    {
        MaxNewTokens = parsed.GetValue(_maxNewTokens) ?? new ReplySettings().MaxNewTokens,
        Temperature = parsed.GetValue(_temperature),
        TopK = parsed.GetValue(_topK),
        TopP = parsed.GetValue(_topP),
        RepetitionPenalty = parsed.GetValue(_penalty),
        Seed = seed ?? 0,
        ForceDrawing = _draws && parsed.GetValue(_force),
    };
}
