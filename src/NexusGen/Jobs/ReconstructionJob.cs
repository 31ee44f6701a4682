using NexusGen.Autoregressive;
using NexusGen.Engine;
using NexusGen.Imaging;
using NexusGen.Model;
using NexusGen.Requests;

namespace NexusGen.Jobs;

/// <summary>Encodes an image into embeddings and decodes them again.</summary>
/// <param name="components">The components of the model.</param>
/// <param name="image">The image.</param>
/// <param name="plan">How to decode.</param>
/// <param name="progress">Receives progress reports, or null for none.</param>
internal sealed class ReconstructionJob(
    ModelComponents components, RgbImage image, ImagePlan plan, IProgress<ProgressReport>? progress)
{
    /// <summary>Runs the job to its end.</summary>
    /// <param name="job">The engine.</param>
    /// <returns>The original image at the output's size, the decoded image, and how close they are.</returns>
    public async Task<Reconstruction> RunAsync(JobContext job)
    {
        // Before anything is computed, so that a file that can't be used is refused at once.
        using LoraLease loras = await components.AcquireLorasAsync(plan);
        (EncodedImage target, EncodedImage? source) = await EncodeAsync(job);
        using (target)
        using (source)
        {
            var decoding = new ImageJob(components, plan, 0, target, source, _ => { }, progress) { Loras = loras };
            OutputImage output = (await decoding.RunAsync(job))[0];
            RgbImage original = plan.Output.Apply(ImageFitting.CoverCrop(image, plan.Size.Width, plan.Size.Height));
            return new Reconstruction(
                original,
                output,
                ImageQuality.Psnr(original, output.Image),
                ImageQuality.Ssim(original, output.Image));
        }
    }

    private async Task<(EncodedImage Target, EncodedImage? Source)> EncodeAsync(JobContext job)
    {
        var processor = new PromptProcessor(components.Files);
        (int width, int height) = processor.SizeOf(components.Files.Configuration.Grids.Drawn);
        using ComponentLease<VisionEncoder> encoder = await components.AcquireAsync(components.VisionEncoder, job, progress);
        EncodedImage target = processor.Encode(ImageFitting.CoverCrop(image, width, height), encoder.Value);
        try
        {
            await job.NextStep();
            return (target, plan.Editing ? processor.EncodeSource(image, encoder.Value) : null);
        }
        catch
        {
            target.Dispose();
            throw;
        }
    }
}
