using System.CommandLine;
using NexusGen.Cli.Batch;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Images;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>Edits an image by an instruction.</summary>
internal sealed class EditCommand : NexusGenCommand
{
    private const string OfficialOutput = "edit_result.png";

    private readonly TextInput _instruction = new("--instruction", "INSTRUCTION", "Edit instruction.", "--prompt");
    private readonly Option<string?> _image = OptionOf.Text("--image", "Image to edit.", "FILE", "-i", "--input-image");
    private readonly Option<int?> _maxPixels = OptionOf.Integer(
        "--max-pixels",
        "Maximum number of pixels of the input image; a larger image is scaled down. [262640]",
        784, int.MaxValue);
    private readonly Option<bool> _generationDecoder = OptionOf.Switch(
        "--use-generation-decoder",
        "Use the generation decoder: for changes of the concept rather than of details.");
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        $"Output file (PNG, JPEG or WebP) or folder. [{OfficialOutput}]",
        "FILE", "-o", "--result-path");
    private readonly Option<string?> _prompts = OptionOf.Text(
        "--prompts",
        "JSON Lines file with one edit per line, {\"prompt\": …, \"image\"?, \"seed\"?, \"width\"?, \"height\"?, \"output\"?}; "
        + "images are found beside the file, and existing results are skipped.",
        "FILE.jsonl");
    private readonly ImageOptions _picture = new("1", "42");
    private readonly ReplyOptions _reply = new(draws: true);
    private readonly LoraOptions _loras = new();
    private readonly ModelOptions _model = new();

    /// <summary>Initializes the command and its options.</summary>
    public EditCommand(Terminal terminal)
        : base(terminal, "edit", "Edit an image by a text instruction.")
    {
        _instruction.AddTo(this);
        Options.Add(_image);
        Options.Add(_maxPixels);
        Options.Add(_generationDecoder);
        Options.Add(_output);
        _picture.AddTo(this);
        Options.Add(_prompts);
        _reply.AddTo(this);
        _loras.AddTo(this);
        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen edit \"Add a pair of sunglasses.\" --image cat.png --output cool-cat.png",
        "nexusgen edit \"给猫戴上红色的帽子\" --image cat.png --seed 7 --count 3",
        "nexusgen edit --prompts edits.jsonl --image cat.png --output edits/",
        "nexusgen edit \"What would it look like as a painting?\" --image cat.png --use-generation-decoder --cfg-scale 3",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_prompts) is { } prompts)
        {
            return await EditAllAsync(prompts, parsed, output, cancellationToken);
        }

        LoraChoice loras = _loras.Read(parsed);
        string instruction = _instruction.Require(parsed, "nexusgen edit \"Add a pair of sunglasses.\" --image cat.png");
        string file = parsed.GetValue(_image) ?? throw new UsageException("The image is missing: use --image FILE.");
        var name = OutputName.Parse(parsed.GetValue(_output), OfficialOutput);
        EditRequest request = Request(parsed, ImageFile.Read(file), instruction) with
        {
            Reply = _reply.Read(parsed, _picture.Seed(parsed)) with { Loras = loras.Reply },
            Settings = _picture.Read(parsed, output) with { Loras = loras.Images },
        };
        using var folder = OutputFolder.For(name);
        using NexusGenModel model = _model.Open(parsed, merged: loras.Merged);
        ImageOptions.WriteSizeNote(request.Settings, model.Configuration, editing: true, output);
        return await DrawingRun.RunAsync(
            output,
            name,
            new ImageMetadata("instruction", instruction, model.Paths.Root),
            progress => model.StreamAsync(request, progress, cancellationToken));
    }
    private async Task<int> EditAllAsync(
        string prompts, ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        if (_instruction.Read(parsed) is not null)
        {
            throw new UsageException("Specify either an instruction or --prompts, not both.");
        }

        LoraChoice loras = _loras.Read(parsed);
        var common = new GenerateRequest("")
        {
            Reply = _reply.Read(parsed, _picture.Seed(parsed)) with { Loras = loras.Reply },
            Settings = _picture.Read(parsed, output) with { Loras = loras.Images },
        };
        var name = OutputName.OfSeveral(parsed.GetValue(_output), OfficialOutput);
        var file = PromptFile.Read(prompts, common, name, editing: true, parsed.GetValue(_image));
        EditRequest Edit(PromptJob job, RgbImage image) => Request(parsed, image, job.Request.Description) with
        {
            Reply = job.Request.Reply,
            Settings = job.Request.Settings,
        };
        return await new BatchRun(output, file, size: 1, Edit)
            .RunAsync(() => _model.Open(parsed, merged: loras.Merged), cancellationToken);
    }

    private EditRequest Request(ParseResult parsed, RgbImage image, string instruction) => new(image, instruction)
    {
        Decoder = parsed.GetValue(_generationDecoder) ? DecoderChoice.Generation : DecoderChoice.Automatic,
        MaxPixels = parsed.GetValue(_maxPixels),
    };
}
