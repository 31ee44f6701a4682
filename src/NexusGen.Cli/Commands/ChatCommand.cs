using System.CommandLine;
using NexusGen.Cli.Conversation;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Pictures;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>Talks with the model over several turns, with pictures from both sides.</summary>
internal sealed class ChatCommand : NexusGenCommand
{
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        "The folder that drawn pictures go to. [out]",
        "FOLDER", "-o");
    private readonly Option<string?> _system = OptionOf.AnyText(
        "--system",
        "What the model is told before the first turn.",
        "TEXT");
    private readonly Option<int?> _maxPixels = OptionOf.Whole(
        "--max-pixels",
        "The largest number of pixels that the model reads of a picture. [262640]",
        784, int.MaxValue);
    private readonly Option<bool> _generationDecoder = OptionOf.Switch(
        "--use-generation-decoder",
        "Paint with the generation decoder also where a picture was shown or is changed.");

    private readonly PictureOptions _picture = new("the task's", "the task's", several: false);
    private readonly ReplyOptions _reply = new(draws: false);
    private readonly ModelOptions _model = new();

    /// <summary>The command.</summary>
    public ChatCommand(Terminal terminal)
        : base(terminal, "chat", "Talk with the model: ask, draw and edit in turns. Reads a turn a line, from a person or from a file.")
    {
        Options.Add(_output);
        Options.Add(_system);
        Options.Add(_maxPixels);
        Options.Add(_generationDecoder);
        _picture.AddTo(this);
        _reply.AddTo(this);
        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen chat",
        "nexusgen chat --output pictures/ --seed 7 < turns.txt",
        "In the chat: /image cat.png, then a question; /draw a cat; /edit give it a hat; /help",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(_output) ?? "out";
        ulong? seed = _picture.Seed(parsed);
        var start = new ChatInput("")
        {
            Decoder = parsed.GetValue(_generationDecoder) ? DecoderChoice.Generation : DecoderChoice.Automatic,
            MaxPixels = parsed.GetValue(_maxPixels),
            Reply = _reply.Read(parsed, seed),
            Picture = _picture.Read(parsed, output),
        };
        using var folder = new OutputFolder(path);
        using NexusGenModel model = _model.Open(parsed);
        var loop = new ChatLoop(Terminal, output, model.StartChat(parsed.GetValue(_system)), new ChatPictures(path, model.Paths.Root), start);
        return await loop.RunAsync(cancellationToken);
    }
}
