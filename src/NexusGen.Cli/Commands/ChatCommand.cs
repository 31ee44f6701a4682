using System.CommandLine;
using NexusGen.Cli.Conversation;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Images;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>Talks with the model over several turns, with images in both directions.</summary>
internal sealed class ChatCommand : NexusGenCommand
{
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        "Output folder for generated images. [out]",
        "FOLDER", "-o");
    private readonly Option<string?> _system = OptionOf.AnyText(
        "--system",
        "System prompt.",
        "TEXT");
    private readonly Option<int?> _maxPixels = OptionOf.Integer(
        "--max-pixels",
        "Maximum number of pixels per input image; larger images are scaled down. [262640]",
        784, int.MaxValue);
    private readonly Option<bool> _generationDecoder = OptionOf.Switch(
        "--use-generation-decoder",
        "Use the generation decoder even for turns with an input image.");

    private readonly ImageOptions _picture = new("the task's", "the task's", several: false);
    private readonly ReplyOptions _reply = new(draws: false);
    private readonly LoraOptions _loras = new();
    private readonly ModelOptions _model = new();

    /// <summary>Initializes the command and its options.</summary>
    public ChatCommand(Terminal terminal)
        : base(
            terminal,
            "chat",
            "Chat with the model: ask about images, generate and edit them. Reads one turn per line from standard input.")
    {
        Options.Add(_output);
        Options.Add(_system);
        Options.Add(_maxPixels);
        Options.Add(_generationDecoder);
        _picture.AddTo(this);
        _reply.AddTo(this);
        _loras.AddTo(this);
        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen chat",
        "nexusgen chat --output images/ --seed 7 < turns.txt",
        "In the chat: /image cat.png and then a question; /draw a cat; /edit give it a hat; /help",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string path = parsed.GetValue(_output) ?? "out";
        ulong? seed = _picture.Seed(parsed);
        LoraChoice loras = _loras.Read(parsed);
        using NexusGenModel model = _model.Open(parsed, merged: loras.Merged);
        var start = new ChatInput("")
        {
            Decoder = parsed.GetValue(_generationDecoder) ? DecoderChoice.Generation : DecoderChoice.Automatic,
            MaxPixels = parsed.GetValue(_maxPixels),
            Reply = _reply.Read(parsed, seed) with { Loras = loras.Reply },
            Settings = _picture.Read(parsed, output) with { Loras = loras.Images },
        };
        ImageOptions.WriteSizeNote(start.Settings, model.Configuration, editing: false, output);
        using var folder = new OutputFolder(path);
        var loop = new ChatLoop(
            Terminal, output, model, model.StartChat(parsed.GetValue(_system)), new ChatImages(path, model.Paths.Root), start);
        return await loop.RunAsync(cancellationToken);
    }
}
