using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using NexusGen.Cli.Core;
using NexusGen.Cli.Help;
using NexusGen.Cli.Options;
using NexusGen.Cli.Output;
using NexusGen.Cli.Pictures;
using NexusGen.Imaging;
using NexusGen.Requests;

namespace NexusGen.Cli.Commands;

/// <summary>Turns a picture into embeddings and back, and tells how near the result is.</summary>
internal sealed class ReconstructCommand : NexusGenCommand
{
    private const string UsualOutput = "reconstruct_result.png";

    private readonly Argument<string?> _file = new("IMAGE") { Description = "The picture.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _image = OptionOf.Text("--image", "The same as IMAGE.", "FILE", "-i", "--input-image");
    private readonly Option<bool> _editingDecoder = OptionOf.Switch(
        "--use-editing-decoder",
        "Paint with the editing decoder, which sees the picture as its source too.");
    private readonly Option<string?> _output = OptionOf.Text(
        "--output",
        $"Where the result goes: PNG, JPEG or WebP, or a folder. [{UsualOutput}]",
        "FILE", "-o", "--result-path");
    private readonly PictureOptions _picture = new("the model's", "the model's", several: false);
    private readonly ModelOptions _model = new();

    /// <summary>The command.</summary>
    public ReconstructCommand(Terminal terminal)
        : base(terminal, "reconstruct", "Turn a picture into embeddings and back, and tell how near the result is (PSNR, SSIM).")
    {
        Arguments.Add(_file);
        Options.Add(_image);
        Options.Add(_editingDecoder);
        Options.Add(_output);
        _picture.AddTo(this);
        _model.AddTo(this);
        Options.Add(CommonOptions.Json());
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Examples =>
    [
        "nexusgen reconstruct cat.png",
        "nexusgen reconstruct cat.png --use-editing-decoder --steps 30 --output cat-again.png --json",
    ];

    /// <inheritdoc/>
    protected override async Task<int> RunAsync(ParseResult parsed, CommandOutput output, CancellationToken cancellationToken)
    {
        if (parsed.GetValue(_file) is not null && parsed.GetValue(_image) is not null)
        {
            throw new UsageException("The picture is given twice.");
        }

        string file = parsed.GetValue(_file) ?? parsed.GetValue(_image) ?? throw new UsageException("The picture is missing: nexusgen reconstruct cat.png.");
        var name = OutputName.Parse(parsed.GetValue(_output), UsualOutput);
        var request = new ReconstructRequest(ImageFile.Read(file))
        {
            Decoder = parsed.GetValue(_editingDecoder) ? DecoderChoice.Editing : DecoderChoice.Automatic,
            Picture = _picture.Read(parsed, output),
        };
        using var folder = OutputFolder.For(name);
        using NexusGenModel model = _model.Open(parsed);
        Reconstruction result;
        using (var progress = output.Progress())
        {
            result = await model.ReconstructAsync(request, progress, cancellationToken);
        }

        var saver = new PictureSaver(name.At, new PictureParameters("source", Path.GetFileName(file), model.Paths.Root));
        output.Line(saver.Save(result.Picture));
        output.Line(string.Create(CultureInfo.InvariantCulture, $"PSNR {result.Psnr:0.00} dB"));
        output.Line(string.Create(CultureInfo.InvariantCulture, $"SSIM {result.Ssim:0.0000}"));
        output.Json(new JsonObject { ["psnr"] = JsonText.Number(result.Psnr), ["ssim"] = JsonText.Number(result.Ssim), ["pictures"] = saver.Saved.DeepClone() });
        return ExitCode.Done;
    }
}
