using NexusGen.Autoregressive;
using NexusGen.Engine;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;
using static TorchSharp.torch;

namespace NexusGen.Jobs;

/// <summary>Turns a picture into embeddings and back.</summary>
internal sealed class ReconstructTask(ModelStages stages, RgbImage image, PaintPlan plan, IProgress<ProgressReport>? progress)
{
    /// <summary>The result, when the steps have ended.</summary>
    public Reconstruction? Result { get; private set; }

    public IEnumerable<JobState> Steps()
    {
        var reader = new PromptReader(stages.Files);
        GridSizes grids = stages.Files.Configuration.Grids;
        ImageEmbeddings drawn, source;
        StageLease<VisionEncoder>? eye = null;
        try
        {
            foreach (JobState state in StageAccess.Acquire(stages.Cache, stages.Eye, lease => eye = lease, progress))
            {
                yield return state;
            }

            (int width, int height) = reader.SizeOf(grids.Drawn);
            drawn = Look(reader, ImageFitting.CoverCrop(image, width, height), eye!.Value);
            yield return JobState.Working;
            (width, height) = reader.SizeOf(grids.Source);
            source = plan.Editing ? Look(reader, Resampler.Resize(image, width, height, ResampleFilter.Bilinear), eye.Value) : drawn;
        }
        finally
        {
            eye?.Dispose();
        }

        var paint = new PaintTask(stages, plan, 0, drawn, plan.Editing ? source : null, null, null, progress);
        foreach (JobState state in paint.Steps())
        {
            yield return state;
        }

        RgbImage original = ImageFitting.CoverCrop(image, plan.Size.Width, plan.Size.Height);
        RgbImage painted = paint.Pictures[0].Image;
        Result = new Reconstruction(original, paint.Pictures[0], ImageQuality.Psnr(original, painted), ImageQuality.Ssim(original, painted));
    }

    private static ImageEmbeddings Look(PromptReader reader, RgbImage picture, VisionEncoder eye)
    {
        (Tensor embeddings, GridThw grid) = reader.Look(picture, eye);
        return ImageEmbeddings.From(embeddings, grid);
    }
}
