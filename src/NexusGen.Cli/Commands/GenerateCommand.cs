using System.CommandLine;
using NexusGen.Cli.Batch;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Images;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Core;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>Generates images from a prompt or from a file of prompts.</summary>
internal sealed class GenerateCommand : NexusGenCommand
{
    private const string OfficialOutput = "gen_result.png";

    private readonly TextInput _prompt = new("--prompt", "PROMPT", "Text prompt.");
    private readonly Option<Language?> _language = OptionOf.ValueChoice(
        "--language",
        "Language of the prompt template. [en]",
        ("en", Language.English), ("zh", Language.Chinese));
    private readonly Option<string?> _prompts = OptionOf.Text(
        "--prompts",
        "JSON Lines file with one prompt per line, {\"prompt\": …, \"seed\"?, \"width\"?, \"height\"?, \"output\"?}; existing "
        + "images are skipped.",
        "FILE.jsonl");
    private readonly Option<int?> _batchSize = OptionOf.Integer(
        "--batch-size",
        "Prompts per batch with --prompts; their images are saved when the batch is finished. [1]",
        1, 256);
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        $"Output file (PNG, JPEG or WebP) or folder. [{OfficialOutput}]",
        "FILE", "-o", "--result-path");
    private readonly ImageOptions _picture = new("3", "52");
    private readonly ReplyOptions _reply = new(draws: true);
    private readonly LoraOptions _loras = new();
    private readonly ModelOptions _model = new();

    /// <summary>Initializes the command and its options.</summary>
    public GenerateCommand(Terminal terminal)
        : base(terminal, "generate", "Generate images from a text prompt.")
    {
        _prompt.AddTo(this);
        Options.Add(_language);
        Options.Add(_output);
        _picture.AddTo(this);
        Options.Add(_prompts);
        Options.Add(_batchSize);
        _reply.AddTo(this);
        _loras.AddTo(this);
        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen generate \"A cat in a spacesuit\" --output cat.png",
        "nexusgen generate \"一只穿宇航服的猫\" --language zh --seed 7 --count 4 --output cats.webp",
        "nexusgen generate \"A quiet street\" --width 768 --height 512 --steps 30 --cfg-scale 3 --memory-budget 12GB",
        "nexusgen generate \"The same room at night\" --start-image room.jpg --denoising-strength 0.6",
        "nexusgen generate \"A harbour\" --lora watercolour.safetensors=0.8 --lora harbours.safetensors",
        "nexusgen generate --prompts prompts.jsonl --output images/ --json",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        string? prompt = _prompt.Read(parsed);
        string? prompts = parsed.GetValue(_prompts);
        if ((prompt is null) == (prompts is null))
        {
            throw new UsageException(prompt is null
                ? "The prompt is missing: nexusgen generate \"A cat in a spacesuit\"."
                : "Specify either a prompt or --prompts, not both.");
        }

        string? given = parsed.GetValue(_output);
        OutputName name = prompts is null ? OutputName.Parse(given, OfficialOutput) : OutputName.OfSeveral(given, OfficialOutput);
        LoraChoice loras = _loras.Read(parsed);
        var request = new GenerateRequest(prompt ?? "")
        {
            Language = parsed.GetValue(_language) ?? Language.English,
            Reply = _reply.Read(parsed, _picture.Seed(parsed)) with { Loras = loras.Reply },
            Settings = _picture.Read(parsed, output) with { Loras = loras.Images },
        };
        if (prompts is not null)
        {
            PromptFile file = PromptFile.Read(prompts, request, name);
            return await new BatchRun(output, file, parsed.GetValue(_batchSize) ?? 1)
                .RunAsync(() => _model.Open(parsed, merged: loras.Merged), cancellationToken);
        }

        using var folder = OutputFolder.For(name);
        using NexusGenModel model = _model.Open(parsed, merged: loras.Merged);
        ImageOptions.WriteSizeNote(request.Settings, model.Configuration, editing: false, output);
        return await DrawingRun.RunAsync(
            output,
            name,
            new ImageMetadata("prompt", prompt, model.Paths.Root),
            progress => model.StreamAsync(request, progress, cancellationToken));
    }
}
