using System.Runtime.ExceptionServices;
using NexusGen.Core;
using NexusGen.Diffusion.Sampling;

namespace NexusGen.Jobs;

/// <summary>
/// Batches denoising: images that are denoised at the same time share forward passes. It needs no barrier. All jobs run in turn
/// on the engine's thread, and a job that finds at its turn that its run has not advanced since the last turn runs the step for
/// all runs that can share it.
/// </summary>
/// <param name="maxBatch">The largest number of images of several requests in one pass.</param>
internal sealed class DenoisingBatcher(int maxBatch)
{
    /// <summary>
    /// The largest number of latent tokens in a batch: four official images. More would take memory and save no time.
    /// </summary>
    public const long BatchTokens = 4096;

    // The slots that have waited longest come first.
    private readonly List<Slot> _slots = [];

    /// <summary>Gets the counter of the forward passes of all images.</summary>
    public PassCounter Counter { get; } = new();

    /// <summary>Adds a run to those that share passes. The caller keeps the ownership of the run.</summary>
    public Slot Join(DenoisingRun run)
    {
        var slot = new Slot(this, run);
        _slots.Add(slot);
        return slot;
    }

    private void Step(Slot first)
    {
        List<Slot> together = [first];
        foreach (Slot slot in _slots)
        {
            if (slot != first && slot.IsReady && Fits(together, slot.Run))
            {
                together.Add(slot);
            }
        }

        try
        {
            DenoisingRun.StepTogether([.. together.Select(slot => slot.Run)]);
        }
        catch (Exception e)
        {
            together.ForEach(slot => slot.Fault = e);
        }

        foreach (Slot slot in together)
        {
            slot.Advanced = true;
            _slots.Remove(slot);
            _slots.Add(slot);
        }
    }

    private bool Fits(List<Slot> together, DenoisingRun run)
    {
        int rows = together.Sum(slot => slot.Run.Rows) + run.Rows;
        return rows <= maxBatch && rows * run.Tokens <= BatchTokens && together.All(slot => slot.Run.CanShare(run));
    }

    /// <summary>The slot of a run among those that share passes.</summary>
    internal sealed class Slot(DenoisingBatcher shared, DenoisingRun run) : IDisposable
    {
        public DenoisingRun Run => run;

        public bool Advanced { get; set; }

        public Exception? Fault { get; set; }

        // At most one step ahead of its own job, so that each step is reported.
        public bool IsReady => !Advanced && Fault is null && run.Completed < run.Steps;

        /// <summary>
        /// Runs the next step, unless the turn of another job has run it. Throws if a step of this run has failed.
        /// </summary>
        /// <returns>Whether there are more steps.</returns>
        public bool Step()
        {
            if (!Advanced)
            {
                shared.Step(this);
            }

            Advanced = false;
            if (Fault is { } fault)
            {
                ExceptionDispatchInfo.Throw(fault);
            }

            return run.Completed < run.Steps;
        }

        /// <inheritdoc/>
        public void Dispose() => shared._slots.Remove(this);
    }
}
