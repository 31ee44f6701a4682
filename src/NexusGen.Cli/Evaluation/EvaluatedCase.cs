using NexusGen.Imaging;
using NexusGen.Worlds.Judging;

namespace NexusGen.Cli.Evaluation;

/// <summary>The result of one case.</summary>
/// <param name="Case">What was asked and expected.</param>
/// <param name="Right">Whether the result is correct; for an edit, both the change and everything else.</param>
/// <param name="Said">The model's texts; for a reconstruction, its PSNR.</param>
/// <param name="Fault">A description of the error; empty if the result is correct.</param>
/// <param name="Picture">The last generated image, or null if there is none.</param>
internal sealed record EvaluatedCase(EvaluationCase Case, bool Right, string Said, string Fault, RgbImage? Picture)
{
    /// <summary>For an edit, whether the change was made; otherwise the same as <see cref="Right"/>.</summary>
    public bool ChangeRight { get; init; } = Right;

    /// <summary>For an edit, whether all else is unchanged; otherwise the same as <see cref="Right"/>.</summary>
    public bool RestRight { get; init; } = Right;

    /// <summary>For a conversation, the share of its turns that are correct; otherwise 0 or 1.</summary>
    public double Score { get; init; } = Right ? 1 : 0;

    /// <summary>For an edit, the PSNR in dB of what lies outside the change, against the image before; otherwise null.</summary>
    public double? OutsidePsnr { get; init; }

    /// <summary>Returns the result with the scores of an edit.</summary>
    /// <param name="verdict">The verdicts.</param>
    /// <param name="before">The image that was to be changed, as the model saw it.</param>
    /// <param name="after">The image that came back.</param>
    public EvaluatedCase OfEdit(EditVerdict verdict, RgbImage before, RgbImage after) => this with
    {
        ChangeRight = verdict.Change.IsRight,
        RestRight = verdict.Rest.IsRight,
        OutsidePsnr = Evaluation.OutsidePsnr.Measure(before, after, Case.Source!(), Case.Target!()),
    };
}
